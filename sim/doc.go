// Package sim runs supplier failures through the rules of package hold and the filter of package duis, and measures what becomes of households.
//
// An [Experiment] takes a [Scenario] and runs it under each rule regime, several times over:
//
//	s, err := sim.ParseScenario(file)                       // or scenario.Load("autumn-2021")
//	x := sim.Experiment{Scenario: s, Seed: 1}               // three regimes, five replications
//	r, err := x.Run(ctx)                                    // r.Regimes, as intervals and as differences from Baseline
//
// A [Study] asks what follows from the assumptions: a [StudyRun] runs an experiment at each of many points, and keeps chance, over the replications of a point, apart from
// assumptions, over points.
//
// There is no second model of the rules in here. Every simulated Service Request is a [duis.Request] that [duis.Decide] and [duis.Counters] judge, in a
// [duis.World] that a [hold.Register] has written; the DCC does what [hold.Register.Duties] says it must, some time later; and
// everything else that the actors do is an event in the register's log. What a regime does to households follows from that alone.
//
// What the model has to assume is in [Assumptions], each with a unit, a default, a provenance and a source; a scenario overrides them by name.
// What it measures is in [Metrics].
//
// The same scenario, seed and scale give the same [Result], byte for byte, whatever the number of workers, and replication k can be run alone with [Experiment.Replicate].
// Random numbers are shared between the regimes, so that differences between regimes are differences of the rules.
//
// # What it leaves out
//
// Nobody is short of money: a household tops up soon after its credit has run low, and emergency credit mostly covers the time until then. Households that lose supply because they cannot pay are in no number. They would
// be there under every regime, more of them outside safe mode. With suppliers that fail and a DCC that does nothing, the households of autumn-2021 come to some hundreds of hours off supply, all together.
//
// Of suppliers that do not fail there are the meters and their top-ups, and no loss of supply and no switch. Their certificates, MPIDs and thresholds are those of any other day, so that every regime would give the
// same numbers, and no difference between regimes would have them in it. That is why they are left out; it is no finding that these customers lose nothing. Hours off supply are those of failed suppliers' households
// from the notice of failure to safe mode or the Change of Supplier: neither a total for the country, nor to be set against one. What a failure does to others by load, on a SoLR's staff or on the DCC's systems, is not asked.
//
// After its Change of Supplier a meter is as those: it loses no supply any more, whatever it did before. What a household uses in safe mode it owes; nobody adds that up, though it is part of the price of a delay.
//
// # What it costs
//
// Every enrolled smart meter is in memory: 63 bytes of estate and World, and what has become of those whose supplier fails. Events are only for these; ordinary meters, whose suppliers do not
// fail, are a pass over columns each day. One run of scenario great-britain each (solrsim run great-britain --regimes mp185 --reps 1 --sensitivity=false --scale SCALE; Go 1.26.8, two cores):
//
//	  scale        meters       events   seconds of CPU   ns a meter   peak memory   bytes a meter
//	0.00334        99,838       80,455             0.06          600         34 MB             337
//	0.0334        999,003      738,993             0.91          910        115 MB             115
//	0.334      10,005,698    7,268,800            13.5         1,350        926 MB              93
//	1          29,952,492   21,798,049            48.9         1,630      2,724 MB              91
//
// Memory grows with the meters from a million on. The time of each grows too, to less than three times over this range, since fewer of the look-ups of a World find in the caches what they need.
package sim
