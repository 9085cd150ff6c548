// Package beam runs a study of package sim as Apache Beam pipelines, on as many machines as a runner has: on Prism, the runner inside Beam's Go SDK, with nothing to set up,
// and on Flink, Spark or Dataflow. The result is the same, byte for byte, as that of [sim.StudyRun] on one machine.
//
//	res, err := beam.Run(ctx, "prism", study, "work")  // as study.Run(ctx)
//
// # How it runs
//
// Replications that do not wait for each other are a round, and a round is one pipeline. A study without a precision has one round; with one, each round holds the replications that it still asks for.
//
//	Create (spans of replications) → expand → Reshuffle → replicate → CombinePerKey (point) → write
//
// Each replication, one point under every regime, is one element. The worker that has run it writes it to a file of its own in a directory that all workers and the caller reach, and
// runs none whose file is there: a job that is killed, or an element that a runner tries again, costs at most the replications that were under way. A file cut short counts as none.
//
// The accumulators are sets of finished replications, by point. They merge in any order, since nothing is added up in them: floating-point sums depend on the order of
// their terms, and medians, regressions and the table of all replications need every value in any case. The sums are taken once, by [sim.StudyRun], in the order of the replications.
//
// What was measured travels as the JSON of [sim.StudyReplication], in which every number is exact. A worker refuses a study whose hash is another one in its own program, which covers the scenarios, the version,
// the assumptions and the metrics.
//
// # The command
//
// Command solrbeam runs a study file, and leaves a journal that solrsim goes on from, with nothing left to run but the tables:
//
//	solrbeam price.json && solrsim study price.json
//
// On Prism that is all. For Flink and Spark there is Beam's job server of the cluster's version, in Docker or as a jar:
//
//	docker run --net=host apache/beam_flink1.NN_job_server:latest --flink-master=HOST:8081
//	docker run --net=host apache/beam_spark3_job_server:latest --spark-master-url=spark://HOST:7077
//
// and flags of Beam that name the runner:
//
//	solrbeam --runner=flink --endpoint=localhost:8099 --parallelism=200 --work=/shared/work price.json
//	solrbeam --runner=spark --endpoint=localhost:8099 --work=/shared/work price.json
//	solrbeam --runner=dataflow --project=P --region=R --staging_location=gs://B/stage --work=gs://B/work price.json
//	solrbeam --runner=universal --endpoint=HOST:PORT --work=/shared/work price.json
//
// The last is any other runner with a job service. All workers and the command reach --work under the same name: a file system that is mounted everywhere, also into the containers of the workers, or gs://.
// Workers run this very program in the SDK's container; --environment_type and --environment_config choose another place. On Linux the program is handed to them as it is, and is built with CGO_ENABLED=0
// to depend on nothing there; elsewhere --worker_binary names one that was built for them.
//
// Prism shares out what is left of a bundle when one replication takes longer than about a tenth of a second. Shorter ones run one after another there: `solrsim study` is faster on one machine.
package beam
