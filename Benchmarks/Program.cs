using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TokenBroker.Benchmarks;

// dotnet run --configuration Release --project Benchmarks [-- command]; docs/performance.md says what each command prints.
switch (args)
{
    case ["provider", var port]:
        return await Floors.ProviderAsync(port);
    case ["hello", var port]:
        return await Floors.HelloAsync(port);
    case ["do-nothing", var port, var provider]:
        return await Floors.DoNothingAsync(port, provider);
    case ["bare-operations", var port, var storage]:
        return await Floors.BareOperationsAsync(port, storage);
    case ["micro", .. var filter]:
        // In this process: the broker is set up in it, and no project has to be generated.
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        BenchmarkSwitcher.FromTypes([typeof(Micro)]).Run(filter is [] ? ["--filter", "*"] : filter, DefaultConfig.Instance.AddJob(job));
        return 0;
    case ["start"]:
        return Startup.Print();
    case ["memory"]:
        return await Load.MemoryAsync();
    case ["sweep"]:
        return await Sweep.PrintAsync();
    case ["sweep", "delayed"]:
        return await Sweep.PrintDelayedAsync();
    case ["failures"]:
        return await Failures.PrintAsync();
    case ["scale", .. var measured]:
        return Scaling.Print(measured);
    case ["redirect", var each] when int.TryParse(each, CultureInfo.InvariantCulture, out var turn):
        return await Load.RedirectAsync(TimeSpan.FromSeconds(turn));
    case ["identity", var each] when int.TryParse(each, CultureInfo.InvariantCulture, out var turn):
        return await Load.IdentityAsync(TimeSpan.FromSeconds(turn));
    case ["allocations"]:
        return await Allocations.PrintAsync();
    case []:
        return await Load.RunAsync(TimeSpan.FromSeconds(8));
    case [var seconds] when int.TryParse(seconds, CultureInfo.InvariantCulture, out var time):
        return await Load.RunAsync(TimeSpan.FromSeconds(time));
    default:
        Console.Error.WriteLine(
            "Commands: [seconds], micro, start, memory, sweep [delayed], failures, scale, redirect <seconds>, " +
            "identity <seconds>, allocations.");
        return 1;
}
