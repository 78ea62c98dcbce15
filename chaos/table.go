package chaos

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Row is what became of people while a fault struck, and until the next one did.
type Row struct {
	Fault      string
	Struck     int
	Sends      int // acknowledged
	Broken     map[Kind]int
	Recoveries []time.Duration // those that were measured, in ascending order
}

// quiet is the row of what came to light while nothing was broken, or has no time.
const quiet = "(no fault)"

// Tabulate attributes sends and violations to the faults.
func Tabulate(h []Record, found []Violation) []Row {
	rows := make(map[string]*Row)
	row := func(fault string) *Row {
		if rows[fault] == nil {
			rows[fault] = &Row{Fault: fault, Broken: make(map[Kind]int)}
		}
		return rows[fault]
	}
	var strikes []Record
	for r := range Those(h, Strike, Invoked) {
		strikes = append(strikes, r)
		row(r.Note)
	}
	for r := range Those(h, Strike, OK) {
		row(r.Note).Struck++
	}
	during := func(at time.Duration) *Row {
		n, _ := slices.BinarySearchFunc(strikes, at, func(r Record, at time.Duration) int { return int(min(max(r.At-at, -1), 1)) })
		if n == 0 {
			return row(quiet)
		}
		return row(strikes[n-1].Note)
	}
	for r := range Those(h, Send, OK) {
		during(r.At).Sends++
	}
	for _, v := range found {
		during(v.At).Broken[v.Kind]++
	}
	for _, r := range Recoveries(h) {
		if r.Measured {
			row(r.Fault).Recoveries = append(row(r.Fault).Recoveries, r.Took)
		}
	}
	table := make([]Row, 0, len(rows))
	for _, r := range rows {
		slices.Sort(r.Recoveries)
		table = append(table, *r)
	}
	slices.SortFunc(table, func(a, b Row) int { return strings.Compare(a.Fault, b.Fault) })
	return table
}

// Format writes a table for people.
func Format(table []Row) string {
	var text strings.Builder
	to := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(to, "fault\tstruck\tsends ok\tlost\tdoubled\tmisordered\tleaked\telse\tback after (median)\t(worst)")
	for _, r := range table {
		median, worst := "-", "-"
		if n := len(r.Recoveries); n > 0 {
			median, worst = r.Recoveries[n/2].Round(time.Millisecond).String(), r.Recoveries[n-1].Round(time.Millisecond).String()
		}
		others := 0
		for kind, n := range r.Broken {
			if !slices.Contains([]Kind{Loss, Doubling, Disorder, Leak}, kind) {
				others += n
			}
		}
		_, _ = fmt.Fprintf(to, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", r.Fault, r.Struck, r.Sends,
			r.Broken[Loss], r.Broken[Doubling], r.Broken[Disorder], r.Broken[Leak], others, median, worst)
	}
	_ = to.Flush() // a strings.Builder takes everything
	return text.String()
}
