// Package reports tells people what a night found: a worksheet for each
// reviewer, a summary for whoever ran the job, a message for HR. It renders an
// access.Night and decides nothing: which rows there are, who reviews them and
// what is flagged was settled before. It must never write outside data where a
// program could run it (a formula, a link, markup, a terminal escape), and
// never tells managers or CI logs that somebody is going to leave or why
// somebody left. Its invariant: the same night gives the same bytes.
package reports
