package delivery_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/application/delivery"
)

// userAsking is a query of a user.
func userAsking(who delivery.FollowQuery, asked string) delivery.FollowQuery {
	for _, m := range matchers(asked) {
		who.What.Match(m)
	}
	return who
}

// A user's patterns cover the rooms that they may read and what concerns them, and
// no topics of others; of third parties they hear what is public and named.
func TestAUsersMatchersCoverTheirRoomsAndPublicTopicsByName(t *testing.T) {
	for asked, want := range map[string]string{
		"*":                               "m -2",
		"/chat/*":                         "m -2",
		"/chat/r*":                        "m -2",
		"/chat/user/*":                    "-2@user",
		"/chat/room/1":                    "m -2",
		"/chat/room/2*":                   "",
		"https://e/*":                     "",
		"https://e/1":                     "p",
		"https://e/alt":                   "p",
		"https://e/two":                   "",
		"* https://e/1":                   "m p -2",
		"/chat/room/{id} https://e/3":     "m r -2",
		"/chat/user/{id} /chat/* https:*": "m -2",
	} {
		inBubble(t, func(n *node) {
			n.log.opened(attic, ada)
			begin := n.log.said(attic, "not his")
			n.settle()
			live := n.listenTo(&ear{}, userAsking(delivery.FollowQuery{Who: caller(ben)}, asked))
			n.log.said(hall, "m")
			n.log.public("p", "https://e/1", "https://e/alt")
			n.log.secretly("s", "https://e/two", "https://e/1", "/chat/user/2")
			n.log.said(attic, "up")
			n.log.public("r", "https://e/3")
			n.log.left(hall, ben)
			n.log.said(hall, "not his")
			n.expectAsked(live, asked+", live", want)
			want = strings.TrimPrefix(want, "m ") // whoever is out by now does not read what was
			if want == "m" {
				want = ""
			}
			back := n.listenTo(&ear{}, userAsking(delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(begin)}, asked))
			n.expectAsked(back, asked+", back", want)
		}, small)
	}
}

// Rooms and third parties' topics are merged by where they are in the log.
func TestAUserHearsRoomsAndPublicTopicsInTheOrderOfTheLog(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "w0")
		for i := 1; i <= 1000; i++ {
			if i%3 == 0 {
				n.log.public(fmt.Sprint("w", i), "https://e/1")
				n.log.public("other", "https://e/2")
				continue
			}
			n.log.said(hall, fmt.Sprint("w", i))
		}
		n.settle()
		q := userAsking(delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(place)}, "* https://e/1")
		n.expect(n.listenTo(&ear{}, q), words(1, 1000))
		n.expect(n.listenTo(&ear{}, asking("/chat/room/1 https://e/1", "/chat/room/1", delivery.FromPlace(place))), words(1, 1000))
		n.expect(n.listenTo(&ear{}, asking("/chat/* https://e/1", "/chat/*", delivery.FromPlace(place))), words(1, 1000))
	}, small)
}
