using TokenBroker.Benchmarks;

// dotnet run --configuration Release --project Benchmarks [seconds]
return args switch
{
    ["stub", var port] => await Floors.ProviderAsync(port),
    ["floor", var port, var provider] => await Floors.DoNothingAsync(port, provider),
    _ => await Load.RunAsync(TimeSpan.FromSeconds(args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 8)),
};
