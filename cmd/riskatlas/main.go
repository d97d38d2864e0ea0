package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	kongyaml "github.com/alecthomas/kong-yaml"
)

// version is set by the build.
var version = "dev"

// commands is the whole command line. Every field can also come from a YAML
// file (--config) or, for serve, from the named environment variable.
type commands struct {
	Config kong.ConfigFlag `help:"YAML file with values for any flag." placeholder:"FILE"`

	Serve     serveCommand     `cmd:"" help:"Serve tiles, answers and pages."`
	Import    importCommand    `cmd:"" help:"Read surveyed sources from files into a store."`
	Districts districtsCommand `cmd:"" help:"Write district boundaries or zones into a store."`
	Places    placesCommand    `cmd:"" help:"Write emergency places into a store."`
	People    peopleCommand    `cmd:"" help:"Write where people live into a store."`
	Coverage  coverageCommand  `cmd:"" help:"Write, or print, how far the survey of each industry and district has come."`
	Assess    assessCommand    `cmd:"" help:"Derive accident scenarios from the inventories in a store."`
	Bake      bakeCommand      `cmd:"" help:"Write a whole map as one PMTiles file."`
	Report    reportCommand    `cmd:"" help:"Write the city's assessment report, or the list of its main sources."`
	Template  templateCommand  `cmd:"" help:"Write the workbook by which sources of an industry are collected."`
	Handbook  handbookCommand  `cmd:"" help:"Write the handbook of what is collected: every field, explained."`
	Bench     benchCommand     `cmd:"" help:"Ask a running server as many clients would, and say what it took."`
	Token     tokenCommand     `cmd:"" help:"Make a token for someone who may write, and the line that makes it known."`
	Demo      demoCommand      `cmd:"" help:"Write a synthetic demonstration city into a store."`
	Check     checkCommand     `cmd:"" help:"Check a store and say what it holds."`

	Export  exportCommand  `cmd:"" help:"Write the sources of a store as CSV, XLSX, GeoJSON or GeoPackage."`
	Backup  backupCommand  `cmd:"" help:"Write a backup of a store, also while a server has it open."`
	Restore restoreCommand `cmd:"" help:"Make a store from a backup, after checking every byte of it."`

	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running server whether it is ready (exit 0) or not (exit 1)."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// process is what a command gets of the process that runs it.
type process struct {
	context.Context
	out    io.Writer // answers
	err    io.Writer // progress and logs
	memory *collector
}

// log is the process's logger, one line of text an event.
func (p *process) log(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: level}))
}

// exitError ends the process with a status of its own, its message said.
type exitError struct {
	status  int
	message string
}

func (e *exitError) Error() string { return e.message }

type versionCommand struct{}

func (versionCommand) Run(p *process) error {
	fmt.Fprintln(p.out, "riskatlas", version)
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is main without the process: it gives the exit status.
func run(ctx context.Context, args []string, out, errs io.Writer) (status int) {
	defer func() {
		// kong ends --help by exiting; a panic with exitStatus stands for that.
		switch r := recover().(type) {
		case nil:
		case exitStatus:
			status = int(r)
		default:
			panic(r)
		}
	}()
	var c commands
	parser, err := kong.New(&c,
		kong.Name("riskatlas"),
		kong.Description("A map server for city safety risk: sources in, superposed risk tiles and answers out."),
		kong.UsageOnError(),
		kong.Writers(out, errs),
		kong.Configuration(kongyaml.Loader),
		kong.Exit(func(code int) { panic(exitStatus(code)) }),
	)
	if err != nil {
		fmt.Fprintln(errs, "riskatlas:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errs, "riskatlas:", err)
		return 1
	}
	memory := newCollector()
	defer memory.end()
	if err := k.Run(&process{Context: ctx, out: out, err: errs, memory: memory}); err != nil {
		fmt.Fprintln(errs, "riskatlas:", err)
		if exit := (*exitError)(nil); errors.As(err, &exit) {
			return exit.status
		}
		return 1
	}
	return 0
}

type exitStatus int
