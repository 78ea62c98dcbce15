Feature: Signing in and out
  Whoever is signed out on a device is out at once: it hears nothing more, and
  nobody says anything with it. Their other devices go on.

  Background:
    Given Ada has opened the group "Kitchen" with Ben and Cleo

  Rule: Who signs out is out

    @at-once
    Example: On that device alone
      Given Ben listens
      And Ben also listens on his phone
      When Ben signs out on his phone
      And Ada says "Now that the phone is out"
      Then Ben's phone is asked to sign in again
      And Ben's phone has heard 0 messages
      And Ben has heard:
        | 1 | Ada | Now that the phone is out |

    Example: Nothing can be done with that device any more
      Given Ben listens on his phone
      And Ben has signed out on his phone
      When Ben tries to say "Hello?" on his phone
      Then Ben is refused as "session revoked"
      When Ben tries to read the room on his phone
      Then Ben is refused as "session revoked"
      When Ben tries to listen on his phone
      Then Ben is refused as "session revoked"
      When Ben tries to go on with his session on his phone
      Then Ben is refused as "session revoked"
      And Ben's phone is asked to sign in again

    @restart
    Example: Not even after a restart
      Given Ben listens
      And Ben also listens on his phone
      And Ben has signed out on his phone
      And Ben's phone is asked to sign in again
      When the service is restarted
      And Ben tries to read the room on his phone
      Then Ben is refused as "session revoked"
      When Ben tries to listen on his phone
      Then Ben is refused as "session revoked"
      When Ada says "Back again"
      Then Ben has heard 1 message

  Rule: Signing out everywhere closes all open screens

    @at-once
    Example: Signing out everywhere
      Given Ben listens
      And Ben also listens on his phone
      And Cleo listens
      When Ben signs out everywhere
      Then within a second Ben is asked to sign in again on all his devices
      When Ada says "Ben is gone"
      Then Cleo has heard:
        | 1 | Ada | Ben is gone |

    @at-once
    Example: A new password is one for all other devices
      Given Ben listens
      And Ben also listens on his phone
      When Ben changes his password
      And Ada says "Only at his desk"
      Then Ben's phone is asked to sign in again
      And Ben's phone has heard 0 messages
      And Ben has heard 1 message

    Example: Who does not know the password does not change it
      Given Ben listens on his phone
      When Ben tries to change his password without knowing it
      Then Ben is refused as "invalid credentials"
      When Ada says "Still here?"
      Then Ben's phone has heard 1 message

  Rule: People see where they are signed in

    Example: Signing out another device
      Given Ben listens on his phone
      And Ben is signed in on 2 devices
      When Ben signs out his phone from his desk
      Then Ben's phone is asked to sign in again
      And Ben is signed in on 1 device

    Example: Nobody signs out somebody else
      Given Ben listens on his phone
      When Ada tries to sign out Ben's phone
      Then Ada is refused as "not found"
      And Ben is signed in on 2 devices

  Rule: A session that is not used expires, and what was said meanwhile is not lost

    @brief
    Example: An expired session is renewed without missing a message
      Given Ben listens
      And Ada has said "One"
      And Ben's session has expired
      And Ada has said "Two"
      When Ben tries to go on with his session
      Then Ben is refused as "session revoked"
      When Ben tries to listen
      Then Ben is refused until he signs in again
      When Ben signs in again and comes back
      And Ada says "Three"
      Then Ben has heard:
        | 1 | Ada | One   |
        | 2 | Ada | Two   |
        | 3 | Ada | Three |

  Rule: Somebody who guesses passwords is asked to wait; its owner still gets in

    Example: On a device that is signed in to the account, one gets in
      Given Ben listens on his phone
      When Cleo guesses at Ben's password until she is refused
      Then Cleo is refused as "too many attempts"
      When Ben signs in again on his phone
      And Ada says "Who was that?"
      Then Ben's phone has heard 1 message
      And Ben is signed in on 3 devices

    Example: Nobody has to wait for guesses at somebody else's password
      When Cleo guesses at Ben's password until she is refused
      Then Cleo is refused as "too many attempts"
      When Ada signs in on her phone
      Then Ada is signed in on 2 devices

    Example: Nobody learns that way who has an account
      When Cleo guesses at the password of somebody who does not exist until she is refused
      Then Cleo is refused as "too many attempts"

  Rule: Each time a device goes on with its session, it does so with something new

    Example: Going on changes nothing of what is heard
      Given Ben listens on his phone
      When Ben goes on with his session 3 times on his phone
      And Ada says "Onwards"
      Then Ben's phone has heard 1 message
      And Ben is signed in on 2 devices

    Example: When the answer is lost, asking again gives the same
      Given Ben listens on his phone
      When Ben goes on with his session on his phone and loses the answer
      And Ben goes on as he did the last time on his phone
      Then Ben was answered the same twice
      And Ben is signed in on 2 devices

    Example: What was used up long ago ends the session, for nobody knows who has it
      Given Ben listens
      And Ben also listens on his phone
      And Ben has gone on with his session 2 times on his phone
      When Ben tries to go on as he did the first time on his phone
      Then Ben is refused as "session revoked"
      And Ben's phone is asked to sign in again
      And Ben is signed in on 1 device

    Example: What somebody made up ends nobody's session
      Given Ben listens on his phone
      When Cleo tries to go on with something like what Ben's phone has
      Then Cleo is refused as "invalid token"
      When Ben goes on with his session 1 time on his phone
      Then Ben is signed in on 2 devices
