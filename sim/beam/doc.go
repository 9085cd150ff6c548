// Package beam runs a study of package sim as Apache Beam pipelines, on as many machines as a runner has: on Prism, the runner inside Beam's Go SDK, with nothing to set up,
// and on Flink, Spark or Dataflow. The result is the same, byte for byte, as that of [sim.StudyRun] on one machine.
//
//	err := flag.Parse(); beam.Init()                                  // of the SDK, which has flags of its own
//	res, err := studybeam.Run(ctx, "prism", study, "gs://mine/work")  // this package: res as from study.Run(ctx)
//
// # How it runs
//
// Replications that do not wait for each other are a round, and a round is one pipeline. A study without a precision has one round; with one, each round holds the replications that it still asks for.
//
//	Create (spans of replications) → expand → Reshuffle → replicate → CombinePerKey (point) → write
//
// Each replication, one point under every regime, is one element. The worker that has run it writes it to a file of its own in a directory that all workers and the caller reach, and
// runs none whose file is there: a job that was killed, or an element that a runner tries twice, costs at most the replications that were under way. A file cut short counts as none.
//
// The accumulators are sets of finished replications, by point. They merge in any order, since nothing is added up in them: floating-point sums depend on the order of
// their terms, and medians, regressions and the table of all replications need every value in any case. The sums are taken once, by [sim.StudyRun], in the order of the replications.
//
// What was measured travels as the JSON form of [sim.StudyReplication], in which every number is exact. A worker refuses work if its program would number or measure anything otherwise
// than the caller's: both hash the study, the scenarios, the version, the assumptions and the metrics.
//
// # The command
//
// Command solrbeam runs a study file. It writes the journal that solrsim goes on from, and solrsim writes the tables, with nothing left to run:
//
//	solrbeam price.json && solrsim study price.json
//
// Beam's own flags choose the runner:
//
//	solrbeam price.json                                                                  Prism, in this process
//	solrbeam --runner=flink --endpoint=localhost:8099 --work=/shared/work price.json     a Flink cluster, through its Beam job server
//	solrbeam --runner=spark --endpoint=localhost:8099 --work=hdfs-or-nfs-mount price.json a Spark cluster, the same way
//	solrbeam --runner=dataflow --project=P --region=R --staging_location=gs://B/stage --work=gs://B/work price.json
//	solrbeam --runner=universal --endpoint=HOST:PORT --environment_type=... price.json   any other portable runner
//
// The job servers come with Beam: `docker run --net=host apache/beam_flink1.19_job_server --flink-master=HOST:8081`, and beam_spark3_job_server with --spark-master-url. Workers run this same program in
// the SDK's container (apache/beam_go_sdk, or --environment_config), so it is built for linux with CGO_ENABLED=0. --parallelism says how many replications Flink and Spark run at a time.
//
// Prism shares out what is left of a bundle when one replication takes longer than about a tenth of a second; shorter ones run one after another there, and are faster with `solrsim study`.
package beam
