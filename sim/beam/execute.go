package beam

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
)

// execute runs a pipeline to its end, or cancels it when the context is done: the SDK then only stops waiting.
func execute(ctx context.Context, runner, name string, p *beam.Pipeline) error {
	if *jobopts.JobName == "" {
		*jobopts.JobName = name + "-" + strings.ToLower(rand.Text()) // to be known by among the runner's jobs
		defer func() { *jobopts.JobName = "" }()
	}
	_, err := beam.Run(ctx, runner, p)
	if ctx.Err() == nil {
		if err != nil {
			return fmt.Errorf("beam: %w", err)
		}
		return nil
	}
	if *jobopts.Endpoint != "" {
		if err := cancel(context.WithoutCancel(ctx), *jobopts.Endpoint, *jobopts.JobName); err != nil {
			return fmt.Errorf("beam: %w; the job may go on, since it could not be cancelled: %v", ctx.Err(), err)
		}
	}
	return ctx.Err()
}

// cancel asks a job service to cancel the jobs of a name. Those that have ended stay as they are.
func cancel(ctx context.Context, endpoint, name string) error {
	const patience = 10 * time.Second
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	conn, err := grpcx.Dial(ctx, endpoint, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	jobs := jobpb.NewJobServiceClient(conn)
	all, err := jobs.GetJobs(ctx, new(jobpb.GetJobsRequest))
	if err != nil {
		return err
	}
	for _, x := range all.GetJobInfo() {
		if x.GetJobName() == name {
			if _, err := jobs.Cancel(ctx, &jobpb.CancelJobRequest{JobId: x.GetJobId()}); err != nil {
				return err
			}
		}
	}
	return nil
}
