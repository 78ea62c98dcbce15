Feature: Coming back after being away
  Whoever comes back goes on exactly where they were: nothing is missing, nothing
  comes twice, and one place is enough for all of their rooms.

  Background:
    Given Ada has opened the group "Kitchen" with Ben
    And Ada listens
    And Ben listens

  Rule: A short cut of the connection goes unnoticed

    Example: What was said meanwhile comes in order, none of it twice
      Given Ada has said "One"
      And Ben has heard 1 message
      When Ben loses the connection
      And Ada says "Two"
      And Ada says "Three"
      And Ben comes back
      And Ada says "Four"
      Then Ben has heard:
        | 1 | Ada | One   |
        | 2 | Ada | Two   |
        | 3 | Ada | Three |
        | 4 | Ada | Four  |

    Example: The cut comes before anything was heard
      Given Ben loses the connection
      And Ada has said "One"
      When Ben comes back
      Then Ben has heard:
        | 1 | Ada | One |

    Example: The connection breaks after each message
      When Ada says 12 things, and Ben's connection breaks after each that he hears
      Then Ben has heard 12 messages

    Example: Somebody talks while the other one comes back
      Given Ben loses the connection
      When Ben comes back while Ada says 15 things
      Then Ben has heard 15 messages

    @restart
    Example: The service is restarted while people talk
      When the service is restarted while Ada and Ben each say 15 things and listen
      And Ada says "Still there?"
      Then Ada and Ben have heard the same 31 messages, numbered 1 to 31

  Rule: How long somebody was away makes no difference

    @many @slow
    Example: Coming back after a holiday
      Given Ada has said "See you"
      And Ben has heard 1 message
      And Ben loses the connection
      And Ada has said 5000 things
      When Ben comes back
      And Ada says "Welcome back"
      Then Ben has heard 5002 messages

    Example: What changed while somebody was away also catches up
      Given Ada has said "Sope"
      And Ada has said "Secret"
      And Ben has heard 2 messages
      And Ben loses the connection
      And Ada has corrected "Sope" to "Soup"
      And Ada has added Cleo
      And Cleo has said "Smells good"
      And Ada has withdrawn "Secret"
      And Ada has made Cleo an admin
      When Ben comes back
      Then Ben has heard that message 1 reads "Soup", and then that Cleo came, and then that message 2 was withdrawn, and then that Cleo became an admin
      And Ben has heard:
        | 1 | Ada  | Sope        |
        | 2 | Ada  | Secret      |
        | 3 | Cleo | Smells good |
      And Ben reads in the room:
        | 1 | Ada  | Soup (corrected) |
        | 2 | Ada  | (withdrawn)      |
        | 3 | Cleo | Smells good      |

    Example: Who came and went meanwhile is heard as well
      Given Ben loses the connection
      And Ada has added Cleo
      And Ada has said "Cleo is here"
      And Cleo has left
      When Ben comes back
      Then Ben has heard:
        | 1 | Ada | Cleo is here |
      And Ben has heard that Cleo came, and then that Cleo left

  Rule: One place is enough for all rooms

    Example: Several rooms on one line
      Given Ada has opened the group "Garden" with Ben
      And Ben loses the connection
      And Ada has said "Soup" in "Kitchen"
      And Ada has said "Roses" in "Garden"
      And Ada has said "Salt" in "Kitchen"
      When Ben comes back
      And Ada says "Thorns" in "Garden"
      Then Ben has heard, across all rooms:
        | Kitchen | 1 | Ada | Soup   |
        | Garden  | 1 | Ada | Roses  |
        | Kitchen | 2 | Ada | Salt   |
        | Garden  | 2 | Ada | Thorns |

    Example: A room that was opened meanwhile
      Given Ben loses the connection
      And Ada has opened the group "Garden" with Ben
      And Ada has said "Roses" in "Garden"
      When Ben comes back
      Then Ben has heard, across all rooms:
        | Garden | 1 | Ada | Roses |

    Example: Listening to one room leaves the others out
      Given Ada has opened the group "Garden" with Ben
      And Ben listens to "Garden" alone on his phone
      When Ada says "Soup" in "Kitchen"
      And Ada says "Roses" in "Garden"
      Then Ben's phone has heard, across all rooms:
        | Garden | 1 | Ada | Roses |

  Rule: A place that nobody knows is said, not hidden

    Example: Somebody comes back with a place from elsewhere
      Given Ada has said "One"
      When Ben comes back with a place from elsewhere
      Then Ben is told to start afresh
      When Ada says "Two"
      Then Ben reads in the room:
        | 1 | Ada | One |
        | 2 | Ada | Two |

  Rule: History that no longer exists is said, not hidden

    @month
    Example: Somebody comes back to more than is kept
      Given Ada has said "One"
      And Ada has said "Two"
      And Ben has heard 2 messages
      And Ben loses the connection
      And Ada has said "Three"
      And a month has passed
      And Ada has said "Four"
      When Ben comes back too late
      Then Ben is told to start afresh
      And Ben can read the room from message 4 on
      When Ada says "Five"
      Then Ben reads in the room:
        | 4 | Ada | Four |
        | 5 | Ada | Five |

    @month
    Example: Whoever had heard everything goes on
      Given Ada has said "One"
      And Ben has heard 1 message
      And Ada loses the connection
      And Ben loses the connection
      And a month has passed
      And Ada has said "Two"
      When Ben comes back
      And Ada says "Three"
      Then Ben has heard:
        | 1 | Ada | One   |
        | 2 | Ada | Two   |
        | 3 | Ada | Three |

    @month
    Example: Whoever listened all the while notices nothing
      Given Ada has said "One"
      And a month has passed
      When Ada says "Two"
      Then Ben has heard:
        | 1 | Ada | One |
        | 2 | Ada | Two |

    @month
    Example: A room in which nothing is left goes on counting
      Given Ada has said "One"
      And Ada has said "Two"
      When a month has passed
      Then Ben can read the room from message 3 on
      And Ben has 2 unread messages
      When Ada says "Three"
      Then Ben reads in the room:
        | 3 | Ada | Three |

  Rule: Reading and listening fit together without a gap

    @many
    Example: Reading older messages while new ones arrive
      Given Ada has said 60 things
      When Ben reads back to the beginning, 7 at a time, while Ada goes on talking
      Then Ben has read each message up to 60 once, in order

    @many
    Example: Reading on from the beginning while new ones arrive
      Given Ada has said 60 things
      When Ben reads on from the beginning, 7 at a time, while Ada goes on talking
      Then Ben has read each message up to 60 once, in order

    Example: What is said after the page comes on the line
      Given Ada has said 5 things
      When Ben opens the room on his phone while Ada says 10 things
      Then Ben's phone has each message up to 15 once, read or heard
