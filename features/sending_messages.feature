Feature: Saying something in a room
  What somebody says appears for everybody in the room: once, in the same order
  for all, and with a number that says so.

  Background:
    Given Ada has opened the group "Kitchen" with Ben
    And Ada listens
    And Ben listens

  Rule: A message appears for everybody in the room, once

    Example: It appears on every screen
      Given Ada also listens on her phone
      When Ben says "Tea is ready"
      Then Ada has heard:
        | 1 | Ben | Tea is ready |
      And Ada's phone has heard:
        | 1 | Ben | Tea is ready |
      And Ben has heard:
        | 1 | Ben | Tea is ready |

    Example: It appears as it was said
      When Ben says "  two  spaces, <b>no</b> & 茶 😀 עברית  "
      Then Ada has heard:
        | 1 | Ben | "  two  spaces, <b>no</b> & 茶 😀 עברית  " |

    Example: Several lines stay several lines
      When Ben says:
        """
        Flour
        	a cup of it

        Water
        """
      Then Ada has heard these lines from Ben:
        """
        Flour
        	a cup of it

        Water
        """

    Example: It can be read later, too
      When Ben says "Tea is ready"
      And Ada says "Coming"
      Then Ben reads in the room:
        | 1 | Ben | Tea is ready |
        | 2 | Ada | Coming       |

  Rule: Pressing send twice does not say it twice

    Example: The same draft again is the same message
      When Ben sends the draft "Tea is ready" 3 times, one after another
      And Ada says "Coming"
      Then all of them are message 1
      And Ada has heard:
        | 1 | Ben | Tea is ready |
        | 2 | Ada | Coming       |

    Example: However impatiently it is pressed
      When Ben sends the draft "Tea is ready" 30 times at the same moment
      And Ada says "Coming"
      Then all of them are message 1
      And Ada has heard:
        | 1 | Ben | Tea is ready |
        | 2 | Ada | Coming       |

    Example: From another device, after other messages
      Given Ben has sent the draft "Tea is ready"
      And Ada has said "Coming"
      When Ben sends the draft "Tea is ready" from his phone
      Then all of them are message 1
      And Ada has heard:
        | 1 | Ben | Tea is ready |
        | 2 | Ada | Coming       |

    Example: A draft that was sent cannot become something else
      Given Ben has sent the draft "Tea is ready"
      When Ben tries to send "Coffee is ready" as that draft
      Then Ben is refused as "idempotency key reused"
      And nobody has heard "Coffee is ready"

  Rule: Two who speak at the same moment are both heard, in one order

    Example: Everybody hears the same order
      When Ada and Ben each say 15 things at the same moment
      Then Ada and Ben have heard the same 30 messages, numbered 1 to 30

  Rule: A message that cannot be accepted says why, and leaves nothing behind

    Scenario Outline: <what> is not a message
      When Ben tries to say <what>
      Then Ben is refused as "invalid request", because of the content
      When Ben says "Hello"
      Then Ada has heard:
        | 1 | Ben | Hello |

      Examples:
        | what                |
        | nothing             |
        | nothing but spaces  |
        | a bell              |
        | 4001 characters     |

    Example: The longest message is still one
      When Ben says 4000 characters
      Then Ada has heard 1 message

    Example: Somebody who is not in the room
      When Cleo tries to say "Let me in!"
      Then Cleo is refused as "room not found"
      And nobody has heard "Let me in!"
      When Ben says "Hello"
      Then Ada has heard:
        | 1 | Ben | Hello |

  Rule: Somebody who talks too fast is asked to wait

    Example: The others notice nothing
      When Ben talks without a pause until he is refused
      Then Ben is refused as "rate limited", for 1 second at most
      And Ben has been heard at least 20 times
      When Ada says "Slowly, please"
      Then Ada has heard all that was said, and nothing else

    Example: After the time that was named there is room for one more
      Given Ben talks without a pause until he is refused
      And Ben is refused as "rate limited", for 1 second at most
      When Ben waits as long as he was told
      And Ben says "As I was saying"
      Then Ada has heard all that was said, and nothing else

    Example: What was said before is not counted again
      Given Ben has sent the draft "Tea is ready"
      And Ben talks without a pause until he is refused
      And Ben is refused as "rate limited", for 1 second at most
      When Ben sends the draft "Tea is ready" 3 times, one after another
      Then all of them are message 1
