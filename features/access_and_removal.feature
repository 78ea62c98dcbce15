Feature: Who may read and write
  What somebody may hear follows from whether they are in the room, at once and on
  every device.

  Background:
    Given Ada has opened the group "Kitchen" with Ben and Cleo

  Rule: A removed participant stops hearing at once

    @at-once
    Example: On every device, and they are told why
      Given Ben listens
      And Ben also listens on his phone
      And Ada has said "While you are here"
      And Ben has heard 1 message
      And Ben's phone has heard 1 message
      When Ada removes Ben
      And Ada says "Now that he is gone"
      Then Ben has heard:
        | 1 | Ada | While you are here |
      And Ben's phone has heard:
        | 1 | Ada | While you are here |
      And Ben has heard that Ben was removed
      And Ben's phone has heard that Ben was removed

    @unbroken
    Example: What was said before still arrives, however late they are
      Given Ben listens
      And Ada has said "While you are here"
      When Ada removes Ben
      And Ada says "Now that he is gone"
      Then Ben has heard:
        | 1 | Ada | While you are here |
      And Ben has heard that Ben was removed

    Example: The others hear that he is gone, and go on
      Given Cleo listens
      When Ada removes Ben
      And Ada says "Now that he is gone"
      Then Cleo has heard that Ben was removed
      And Cleo has heard:
        | 1 | Ada | Now that he is gone |

    @at-once
    Example: Whoever leaves hears no more, either
      Given Ben listens
      When Ben leaves
      And Ada says "Gone already?"
      Then Ben has heard that Ben left
      And Ben has heard 0 messages

    @unbroken
    Example: Also in the midst of talking
      Given Ben listens
      And Cleo listens
      When Ada removes Ben while Cleo says 15 things
      Then Ben has heard what Cleo heard until he was removed, and nothing after

  Rule: Being removed also closes the door to the past

    Example: Coming back from an old place tells of the removal and of nothing else
      Given Ben listens
      And Ada has said "One"
      And Ben has heard 1 message
      And Ben loses the connection
      And Ada has said "Two"
      And Ada has removed Ben
      And Ada has said "Three"
      When Ben comes back
      Then Ben has heard nothing since but that Ben was removed

    Example: Nothing of the room is left to read or to say
      Given Ada has said "One"
      And Ada has removed Ben
      When Ben tries to read the room
      Then Ben is refused as "room not found"
      When Ben tries to see who is in the room
      Then Ben is refused as "room not found"
      When Ben tries to say "Why?"
      Then Ben is refused as "room not found"
      And "Kitchen" is not among the rooms of Ben

    Example: Not even what one has said oneself
      Given Ben has sent the draft "Mine"
      And Ada has removed Ben
      When Ben tries to send the draft "Mine" again
      Then Ben is refused as "room not found"

  Rule: An added person belongs to the room from that moment on

    @unbroken
    Example: On the line that is open already
      Given Dan listens
      And Ada has said "Before Dan"
      When Ada adds Dan
      And Ada says "Welcome, Dan"
      Then Dan has heard that Dan came
      And Dan has heard:
        | 2 | Ada | Welcome, Dan |

    Example: What was said before can be read
      Given Ada has said "Before Dan"
      When Ada adds Dan
      Then Dan reads in the room:
        | 1 | Ada | Before Dan |

    @unbroken
    Example: Who was removed and is added again goes on
      Given Ben listens
      And Ada has removed Ben
      And Ada has said "Without Ben"
      When Ada adds Ben
      And Ada says "With Ben"
      Then Ben has heard:
        | 2 | Ada | With Ben |
      And Ben reads in the room:
        | 1 | Ada | Without Ben |
        | 2 | Ada | With Ben    |

    Example: Adding somebody twice changes nothing
      Given Ben listens
      When Ada adds Dan
      And Ada adds Dan
      Then Ben has heard that Dan came

  Rule: Only admins decide who is in

    Example: A member adds, removes and promotes nobody
      When Ben tries to add Dan
      Then Ben is refused as "not allowed"
      When Ben tries to remove Cleo
      Then Ben is refused as "not allowed"
      When Ben tries to make Cleo an admin
      Then Ben is refused as "not allowed"
      And Cleo is a member

    Example: A new admin can
      Given Ada has made Ben an admin
      When Ben removes Cleo
      Then "Kitchen" is not among the rooms of Cleo

    Example: Nobody can add somebody who does not exist
      When Ada tries to add somebody who does not exist
      Then Ada is refused as "user not found"

    Example: Nobody can remove somebody who is not there
      When Ada tries to remove Dan
      Then Ada is refused as "participant not found"

  Rule: Whom an admin removed from a public room stays out until an admin says otherwise

    Background:
      Given Ada has opened the public room "Town Square"
      And Ben has joined
      And Ada has removed Ben

    Example: Joining again is refused
      When Ben tries to join
      Then Ben is refused as "not allowed"

    Example: An admin lets them in again
      Given Ada has added Ben
      And Ben has left
      When Ben joins
      Then Ben is a member
