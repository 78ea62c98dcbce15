Feature: Feeling that the others are there
  How much somebody has not read yet is the same number on all of their devices.

  Background:
    Given Ada has opened the group "Kitchen" with Ben
    And Ada has said 5 things

  Rule: Unread is the same number everywhere

    Example: Reading on the phone clears the badge on the desktop
      Given Ben has 5 unread messages
      When Ben reads up to message 3 on his phone
      Then Ben has 2 unread messages
      And Ada has 0 unread messages

    Example: It never goes up by itself
      Given Ben has read up to message 4
      When Ben reads up to message 2
      Then Ben has 1 unread message

    Example: Nobody reads beyond the end
      Given Ben has read up to message 99
      When Ada says "Six"
      Then Ben has 1 unread message

    Example: What is withdrawn counts as it did
      When Ada says "Six"
      And Ada withdraws "Six"
      Then Ben has 6 unread messages

    Example: Writing is reading
      When Ben says "Six"
      Then Ben has 0 unread messages

    Example: Who joins has read what was said before
      When Ada adds Cleo
      Then Cleo has 0 unread messages
