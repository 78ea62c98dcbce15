@third-parties
Feature: What third parties publish
  Programs of others, such as a bakery's and a shop's, publish news on topics, through
  the same service. Whoever asks for a topic hears what is public there, and people
  hear it beside their rooms. What is private, and what is said in rooms, is heard
  only by programs that were granted it. A program may speak either version of the
  Mercure protocol, and hears the same.

  Background:
    Given the bakery may publish on every topic

  Rule: An update reaches whoever asks for its topic

    Scenario Outline: Once, even if they asked for both of its topics
      Given the shop speaks Mercure <version>
      And the shop listens to "bread" and "cake"
      When the bakery publishes "Rye" on "bread"
      And the bakery publishes "Milk" on "drinks"
      And the bakery publishes "Sold out" on "bread" and "cake"
      And the bakery publishes "Tart" on "cake"
      Then the shop has heard:
        | Rye      |
        | Sold out |
        | Tart     |

      Examples:
        | version |
        | 0.x     |
        | 1.0     |

    Scenario Outline: Whoever asks for every topic hears them all
      Given the shop speaks Mercure <version>
      And the shop listens to every topic
      When the bakery publishes "Rye" on "bread"
      And the bakery publishes "Tart" on "cake"
      Then the shop has heard:
        | Rye  |
        | Tart |

      Examples:
        | version |
        | 0.x     |
        | 1.0     |

  Rule: A private update reaches only those who were granted its topic

    Scenario Outline: Asking for the topic is not enough
      Given the shop and the kiosk speak Mercure <version>
      And the shop may hear "bread"
      And the kiosk may hear "cake"
      And the shop listens to "bread" and "cake"
      And the kiosk listens to "bread" and "cake"
      When the bakery privately publishes "How the rye is made" on "bread"
      And the bakery publishes "Rye" on "bread"
      Then the shop has heard:
        | How the rye is made |
        | Rye                 |
      And the kiosk has heard:
        | Rye |

      Examples:
        | version |
        | 0.x     |
        | 1.0     |

    Example: Who was granted nothing hears what is public
      Given the kiosk listens to every topic
      When the bakery privately publishes "How the rye is made" on "bread"
      And the bakery publishes "Rye" on "bread"
      Then the kiosk has heard:
        | Rye |

    Example: What was missed is heard by what is granted now
      Given the shop may hear "bread"
      And the kiosk may hear "cake"
      And the shop listens to "bread"
      And the kiosk listens to "bread"
      And the shop loses the connection
      And the kiosk loses the connection
      And the bakery has privately published "How the rye is made" on "bread"
      And the bakery has published "Rye" on "bread"
      And the shop may hear "cake"
      And the kiosk may hear "bread"
      When the shop comes back
      And the kiosk comes back
      Then the shop has heard:
        | Rye |
      And the kiosk has heard:
        | How the rye is made |
        | Rye                 |

  Rule: Whoever was away hears all that was published meanwhile, in order

    Scenario Outline: After a short cut
      Given the shop speaks Mercure <version>
      And the shop may hear "bread"
      And the shop listens to "bread"
      And the bakery has published "One" on "bread"
      And the shop loses the connection
      And the bakery has published "Two" on "bread"
      And the bakery has privately published "Three" on "bread"
      And the bakery has published "Four" on "bread"
      When the shop comes back
      And the bakery publishes "Five" on "bread"
      Then the shop has heard:
        | One   |
        | Two   |
        | Three |
        | Four  |
        | Five  |

      Examples:
        | version |
        | 0.x     |
        | 1.0     |

    Example: After a restart of the service, too
      Given the shop may hear "bread"
      And the shop listens to "bread"
      And the bakery has published "One" on "bread"
      And the shop loses the connection
      And the bakery has published "Two" on "bread"
      And the bakery has privately published "Three" on "bread"
      When the service is restarted
      And the bakery publishes "Four" on "bread"
      And the shop comes back
      Then the shop has heard:
        | One   |
        | Two   |
        | Three |
        | Four  |

  Rule: A room is heard by those who were granted it

    Background:
      Given Ada has opened the group "Kitchen"

    Scenario Outline: A program that was granted the room hears what is said
      Given the archive and the kiosk speak Mercure <version>
      And the archive may hear the room
      And the kiosk may hear "bread"
      And the archive listens to the room
      And the kiosk listens to the room and "bread"
      When Ada says "Soup is ready"
      And the bakery publishes "Rye" on "bread"
      Then the archive has heard:
        | Soup is ready |
      And the kiosk has heard:
        | Rye |

      Examples:
        | version |
        | 0.x     |
        | 1.0     |

    Example: What was said while the program was away, too
      Given the archive may hear the room
      And the archive listens to the room
      And the archive loses the connection
      And Ada has said "Soup is ready"
      And Ada has said "Who wants some?"
      When the archive comes back
      Then the archive has heard:
        | Soup is ready   |
        | Who wants some? |

  Rule: Nobody publishes as if they were the chat, or without a grant

    Example: Not as if it were said in a room
      Given Ada has opened the group "Kitchen" with Ben
      And Ben listens
      When the bakery tries to publish "Bread, by Ada" on the room
      Then the bakery is refused as "invalid request"
      When the bakery tries to publish "Bread, by Ada" on "bread" and the room
      Then the bakery is refused as "invalid request"
      And Ben has heard nothing

    Example: Not on topics that were granted to others
      Given the shop listens to "bread"
      And the kiosk may publish on "cake"
      When the kiosk tries to publish "Stale rye" on "bread"
      Then the kiosk is refused as "not allowed"
      When the kiosk tries to publish "Stale rye" on "cake" and "bread"
      Then the kiosk is refused as "not allowed"
      And the shop has heard nothing

  Rule: People hear what is public beside their rooms

    Background:
      Given Ada has opened the group "Kitchen" with Ben
      And Ben listens to his rooms and to "bread"

    Example: On the same line, in the order in which it happened
      When Ada says "Who gets bread?"
      And the bakery publishes "Rye" on "bread"
      And Ada says "Never mind"
      Then Ben has heard in turn:
        | Who gets bread? |
        | Rye             |
        | Never mind      |

    Example: And after coming back
      Given Ben loses the connection
      And the bakery has published "Rye" on "bread"
      And Ada has said "Who gets it?"
      When Ben comes back
      Then Ben has heard in turn:
        | Rye          |
        | Who gets it? |

    Example: What is private is not for people
      When the bakery privately publishes "How the rye is made" on "bread"
      And the bakery publishes "Rye" on "bread"
      Then Ben has heard in turn:
        | Rye |

  Rule: Only a program that was granted it sees who is listening

    @one-node
    Scenario Outline: It sees them as long as they listen
      Given the bakery and the shop speak Mercure <version>
      And the bakery may see who listens
      When the shop listens to "bread"
      Then the bakery sees 1 listener of "bread"
      When the shop loses the connection
      Then the bakery sees 0 listeners of "bread"

      Examples:
        | version |
        | 0.x     |
        | 1.0     |

    Example: Others are refused
      Given the shop may hear "bread"
      When the shop tries to see who listens
      Then the shop is refused as "not allowed"
