using System.Globalization;

namespace TokenBroker.Benchmarks;

/// <summary>
/// What many sign-ins a second need, from measured service times and the service's limits. Sign-ins arrive at random and spread over the
/// partitions at random: how much the fullest partition gets is simulated, not averaged.
/// </summary>
internal static class Scaling
{
    // https://learn.microsoft.com/azure/storage/tables/scalability-targets
    private const int PartitionLimit = 2_000;
    private const int AccountLimit = 20_000;

    private const int SessionPartitions = 256;
    private const int CodePartitions = 256;
    // Entities that a sign-in touches in each table: written, read, changed or redeemed, and swept.
    private const double SessionOperations = 4, CodeOperations = 5;
    private const int Seconds = 600;

    /// <summary>An instance is planned to be no busier than this, so that a burst does not queue.</summary>
    private const double Busy = 0.6;

    /// <param name="measured">
    /// Processor time of a sign-in in ms, then operations that a sign-in costs with its share of the sweep.
    /// </param>
    public static int Print(string[] measured)
    {
        var milliseconds = measured.Length > 0 ? double.Parse(measured[0], CultureInfo.InvariantCulture) : 1.4;
        var operations = measured.Length > 1 ? double.Parse(measured[1], CultureInfo.InvariantCulture) : 8.2;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{milliseconds} ms and {operations} operations a sign-in, a processor {Busy:0%} busy, {Seconds} simulated seconds"));
        Console.WriteLine(
            "| sign-ins/s | processors | operations/s | accounts | fullest partition, entities/s | of its limit | " +
            "operations/s of the fullest account |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var rate in new[] { 100, 1_000, 2_000, 10_000, 20_000 })
        {
            var accounts = (int)Math.Ceiling(rate * operations / (AccountLimit * Busy));
            var (partition, account) = Simulate(rate, accounts, operations);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {rate} | {Math.Ceiling(rate * milliseconds / 1000 / Busy)} | {rate * operations:0} | {accounts} | {partition:0} " +
                $"| {partition / PartitionLimit:0%} | {account:0} |"));
        }
        return 0;
    }

    /// <summary>The most entities a second that any partition gets, and the most operations that any account gets.</summary>
    private static (double Partition, double Account) Simulate(int rate, int accounts, double operations)
    {
        var random = new Random(1);
        var (partition, account) = (0.0, 0.0);
        for (var second = 0; second < Seconds; second++)
        {
            var sessions = new double[accounts * SessionPartitions];
            var codes = new double[accounts * CodePartitions];
            var all = new double[accounts];
            for (var arrival = Poisson(random, rate); arrival > 0; arrival--)
            {
                var shard = random.Next(accounts);
                all[shard] += operations;
                sessions[(shard * SessionPartitions) + random.Next(SessionPartitions)] += SessionOperations;
                codes[(shard * CodePartitions) + random.Next(CodePartitions)] += CodeOperations;
            }
            (partition, account) = (Math.Max(partition, Math.Max(sessions.Max(), codes.Max())), Math.Max(account, all.Max()));
        }
        return (partition, account);
    }

    /// <summary>
    /// How many arrive in a second, when so many do on average: near enough to Poisson's distribution for more than a few dozen.
    /// </summary>
    private static int Poisson(Random random, int mean)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Max(0, (int)Math.Round(mean + (normal * Math.Sqrt(mean))));
    }
}
