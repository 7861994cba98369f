// Command clients runs Kubernetes' own Go clients against the API server that KUBECONFIG names, and prints a line for
// each scenario: "ok NAME", or "FAILED NAME: why". One program,
// built once and run by test/e2e/go-clients.test.ts.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

type scenario struct {
	name string
	run  func(ctx context.Context, config *rest.Config) error
}

var scenarios = []scenario{
	{"typed", typedClient},
	{"dynamic", dynamicClient},
	{"informers", informers},
	{"leader-election", leaderElection},
	{"manager", controllerManager},
}

func main() {
	log.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		fmt.Println("FAILED kubeconfig:", err)
		os.Exit(1)
	}
	config.QPS, config.Burst = -1, 0
	failed := false
	for _, s := range scenarios {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		err := s.run(ctx, config)
		cancel()
		if err != nil {
			failed = true
			fmt.Printf("FAILED %s: %v\n", s.name, err)
			continue
		}
		fmt.Println("ok", s.name)
	}
	if failed {
		os.Exit(1)
	}
}

// eventually asks until the answer is yes.
func eventually(ctx context.Context, what string, check func() (bool, error)) error {
	for {
		done, err := check()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
