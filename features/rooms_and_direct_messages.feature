Feature: Where conversations take place
  A direct conversation belongs to two people, a group to those who are in it,
  and a public room to whoever joins.

  Rule: Two people have one direct conversation

    Example: Both start it at the same moment
      Given Ada listens
      And Ben listens
      When Ada and Ben start a direct conversation at the same moment
      Then both are in the same conversation
      When Ada says "Hello Ben"
      And Ben says "Hello Ada"
      Then Ada has heard:
        | 1 | Ada | Hello Ben |
        | 2 | Ben | Hello Ada |
      And Ben has heard:
        | 1 | Ada | Hello Ben |
        | 2 | Ben | Hello Ada |

    Example: Starting it again finds it again
      Given Ada has started a direct conversation with Ben
      And Ada has said "Hello"
      When Ben starts a direct conversation with Ada
      Then both are in the same conversation
      And Ben reads in the room:
        | 1 | Ada | Hello |

    Example: Nobody has one with themselves
      When Ada tries to start a direct conversation with Ada
      Then Ada is refused as "invalid request"

    Example: It is fixed
      Given Ada has started a direct conversation with Ben
      When Ada tries to add Cleo
      Then Ada is refused as "direct room is fixed"
      When Ada tries to leave
      Then Ada is refused as "direct room is fixed"
      When Ada tries to remove Ben
      Then Ada is refused as "direct room is fixed"
      When Ada tries to make herself an admin
      Then Ada is refused as "direct room is fixed"

    Example: To others it does not exist
      Given Ada has started a direct conversation with Ben
      And Cleo listens
      When Ada says "Between us"
      And Cleo tries to read the room
      Then Cleo is refused as "room not found"
      And Cleo has heard nothing

  Rule: A group is visible to those who are in it only

    Background:
      Given Ada has opened the group "Kitchen" with Ben
      And Ada has said "Our recipe"

    Example: To an outsider it does not exist
      Then "Kitchen" is among the rooms of Ada and Ben
      But "Kitchen" is not among the rooms of Cleo
      And Cleo does not find "Kitchen" in the directory
      When Cleo tries to read the room
      Then Cleo is refused as "room not found"
      When Cleo tries to see who is in the room
      Then Cleo is refused as "room not found"
      When Cleo tries to say "Hello?"
      Then Cleo is refused as "room not found"
      When Cleo tries to join
      Then Cleo is refused as "room not found"
      When Cleo tries to add Cleo
      Then Cleo is refused as "room not found"

    Example: An outsider who listens to it hears nothing
      Given Cleo listens to "Kitchen" alone
      And Ben listens
      When Ada says "A pinch of salt"
      Then Cleo has heard nothing
      And Ben has heard:
        | 2 | Ada | A pinch of salt |

    Example: An outsider cannot tell it from a room that never was
      When Cleo tries to read the room
      And Cleo tries to read a room that never was
      Then Cleo has had the same answer twice, "room not found"

  Rule: A public room can be found and joined

    Background:
      Given Ada has opened the public room "Town Square"
      And Ada has said "Welcome, everybody"

    Scenario Outline: It is found by the beginning of any of its words
      Then Cleo finds "Town Square" in the directory by <words>

      Examples:
        | words    |
        | "Town"   |
        | "square" |
        | "TOWN S" |

    Example: Before joining there is nothing to read
      When Cleo tries to read the room
      Then Cleo is refused as "room not found"
      When Cleo tries to say "Hello?"
      Then Cleo is refused as "room not found"

    Example: Joining shows what was said and announces the newcomer once
      Given Ada listens
      When Cleo joins
      And Cleo joins
      And Cleo says "Hello"
      Then Cleo reads in the room:
        | 1 | Ada  | Welcome, everybody |
        | 2 | Cleo | Hello              |
      And Ada has heard that Cleo came
      And "Town Square" is among the rooms of Ada and Cleo

  Rule: A room with people in it has an admin

    Example: The last admin who leaves hands over to who has been there longest
      Given Ada has opened the group "Kitchen"
      And Ada has added Cleo
      And Ada has added Ben
      And Ben listens
      When Ada leaves
      Then Cleo is an admin
      And Ben is a member
      And Ben has heard that Ada left, and then that Cleo became an admin

    Example: The only admin cannot step down
      Given Ada has opened the group "Kitchen" with Ben
      When Ada tries to make herself a member
      Then Ada is refused as "invalid request"
      And Ada is an admin

    Example: One of two admins can
      Given Ada has opened the group "Kitchen" with Ben
      And Ada has made Ben an admin
      When Ada makes herself a member
      Then Ben is an admin
      And Ada is a member

    @unbroken
    Example: A group that everybody has left is gone
      Given Ada has opened the group "Kitchen" with Ben
      And Ben listens
      And Ada has left
      When Ben leaves
      Then Ben has heard that Ada left, and then that Ben became an admin, and then that Ben left
      And "Kitchen" is not among the rooms of Ada and Ben

    Example: An empty public room waits, and who comes first runs it
      Given Ada has opened the public room "Town Square"
      And Ada has left
      When Ben joins
      Then Ben is an admin
