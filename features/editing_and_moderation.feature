Feature: Correcting and moderating
  What somebody has said can be corrected, or taken back. Its number
  stays, and everybody sees the same.

  Background:
    Given Ada has opened the group "Kitchen" with Ben and Cleo
    And Ben listens

  Rule: A corrected message is marked as corrected for everybody

    Example: In place, with the same number
      Given Cleo has said "Sope"
      And Cleo has said "Salt"
      And Ben has heard 2 messages
      When Cleo corrects "Sope" to "Soup"
      Then Ben has heard that message 1 reads "Soup"
      And Ada reads in the room:
        | 1 | Cleo | Soup (corrected) |
        | 2 | Cleo | Salt             |

    Example: A correction that rests on an outdated version is refused
      Given Cleo has said "Sope"
      And Cleo has corrected "Sope" to "Soup"
      When Cleo tries to correct "Soup" to "Soap", having seen the one before
      Then Cleo is refused as "changed meanwhile"
      And Ada reads in the room:
        | 1 | Cleo | Soup (corrected) |

    Example: Nobody corrects somebody else
      Given Cleo has said "Soup"
      When Ada tries to correct "Soup" to "Stew"
      Then Ada is refused as "not allowed"
      When Dan tries to correct "Soup" to "Stew"
      Then Dan is refused as "message not found"

    Example: The draft that it was sent with still stands for it
      Given Cleo has sent the draft "Sope"
      And Cleo has corrected "Sope" to "Soup"
      When Cleo sends the draft "Sope"
      Then all of them are message 1

    Example: Correcting without a pause is talking without a pause
      Given Cleo has said "Sope"
      When Cleo corrects "Sope" without a pause until she is refused
      Then Cleo is refused as "rate limited", for 1 second at most

  Rule: A withdrawn message leaves its place

    Example: Its author withdraws it
      Given Cleo has said "Secret"
      And Cleo has said "Salt"
      And Ben has heard 2 messages
      When Cleo withdraws "Secret"
      Then Ben has heard that message 1 was withdrawn
      And Ada reads in the room:
        | 1 | Cleo | (withdrawn) |
        | 2 | Cleo | Salt        |

    Example: An admin withdraws it
      Given Cleo has said "Spam"
      When Ada withdraws "Spam"
      Then Cleo reads in the room:
        | 1 | Cleo | (withdrawn) |

    Example: A member withdraws nothing of others
      Given Cleo has said "Soup"
      When Ben tries to withdraw "Soup"
      Then Ben is refused as "not allowed"
      When Dan tries to withdraw "Soup"
      Then Dan is refused as "message not found"

    Example: Whoever comes back hears that it is gone, and not what it was
      Given Ben loses the connection
      And Cleo has said "Secret"
      And Cleo has withdrawn "Secret"
      When Ben comes back
      Then nobody has heard "Secret"
      And Ben has heard:
        | 1 | Cleo | (withdrawn) |

    Example: It does not come back, neither corrected nor sent again
      Given Cleo has sent the draft "Secret"
      And Cleo has withdrawn "Secret"
      When Cleo tries to correct "Secret" to "Public"
      Then Cleo is refused as "invalid request"
      When Cleo sends the draft "Secret"
      Then all of them are message 1
      And Ada reads in the room:
        | 1 | Cleo | (withdrawn) |

    Example: Withdrawing it again changes nothing
      Given Cleo has said "Secret"
      And Ben has heard 1 message
      And Cleo has withdrawn "Secret"
      When Cleo withdraws "Secret"
      Then Ben has heard that message 1 was withdrawn

  Rule: What changed while somebody was away catches up

    Example: Corrections and withdrawals of what they had heard
      Given Cleo has said "Sope"
      And Cleo has said "Secret"
      And Ben has heard 2 messages
      And Ben loses the connection
      And Cleo has corrected "Sope" to "Soup"
      And Cleo has withdrawn "Secret"
      And Ada has renamed the room to "Scullery"
      When Ben comes back
      Then Ben has heard that message 1 reads "Soup", and then that message 2 was withdrawn, and then that the room is called "Scullery"

  Rule: Admins name a room, and end it

    Example: A new name
      When Ada renames the room to "Scullery"
      Then Ben has heard that the room is called "Scullery"
      And "Scullery" is among the rooms of Ben and Cleo

    Example: A public room is found by its new name
      Given Ada has opened the public room "Town Square"
      When Ada renames the room to "Market Place"
      Then Dan finds "Market Place" in the directory
      And Dan does not find "Market Place" in the directory by "town"

    Example: The end of a room
      Given Cleo has said "Soup"
      And Ben has heard 1 message
      When Ada ends the room
      Then Ben has heard that the room is gone
      And "Kitchen" is not among the rooms of Ada and Ben
      When Ben tries to read the room
      Then Ben is refused as "room not found"
      When Cleo tries to correct "Soup" to "Stew"
      Then Cleo is refused as "message not found"

    Example: Whoever was away hears that the room is gone
      Given Ben loses the connection
      And Cleo has said "Soup"
      And Ada has ended the room
      When Ben comes back
      Then Ben has heard nothing since but that the room is gone

    Example: Members do neither
      When Ben tries to rename the room to "Mine"
      Then Ben is refused as "not allowed"
      When Ben tries to end the room
      Then Ben is refused as "not allowed"

    Example: A direct conversation has no name and no end
      Given Ada has started a direct conversation with Ben
      When Ada tries to rename the room to "Us"
      Then Ada is refused as "direct room is fixed"
      When Ada tries to end the room
      Then Ada is refused as "direct room is fixed"
