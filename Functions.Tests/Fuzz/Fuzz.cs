using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Fuzz;

/// <summary>
/// Runs a reader on the inputs that are kept in <c>Corpus/{target}</c>, then on generated ones: 3,000, or as many as <c>FUZZ</c> says. The
/// seed is fixed without <c>FUZZ</c>, and random with it; <c>FUZZ_SEED</c> repeats a run.
/// </summary>
internal static class Fuzz
{
    private const int DefaultCases = 3000;

    private static readonly int? CasesAskedFor = (int?)Number("FUZZ");

    /// <summary>Checks that a property holds for every input.</summary>
    /// <param name="target">What is read: the name of a folder below <c>Corpus</c>.</param>
    /// <param name="valid">Inputs that the reader takes, or nearly so.</param>
    /// <param name="property">Throws when the reader does what it must not.</param>
    public static void Check(string target, Gen<string> valid, Action<byte[]> property)
    {
        var corpus = Corpus(target);
        foreach (var (file, input) in corpus)
            Replay(file, input, property);

        var bytes = valid.Select(Encoding.UTF8.GetBytes);
        CheckGenerated(target, Inputs.From([.. corpus.Select(entry => entry.Input)], bytes), property);
    }

    /// <summary>The inputs that are kept for a target.</summary>
    public static IReadOnlyList<(string File, byte[] Input)> Corpus(string target)
    {
        var files = Directory.GetFiles(Repository.File("Functions.Tests", "Fuzz", "Corpus", target)).Order(StringComparer.Ordinal);
        return [.. files.Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))];
    }

    private static void Replay(string file, byte[] input, Action<byte[]> property)
    {
        var failure = Record.Exception(() => property(input));
        Assert.True(failure is null, $"The corpus entry '{file}' fails: {failure}");
    }

    private static void CheckGenerated(string target, Gen<byte[]> inputs, Action<byte[]> property)
    {
        var seed = Seed(target);
        // FsCheck tries smaller inputs as long as they fail, so that the last one that fails is the smallest.
        var (smallest, failure) = (Array.Empty<byte>(), (Exception?)null);
        var holds = Prop.ForAll(Arb.From(inputs, Inputs.Smaller), input =>
        {
            if (Record.Exception(() => property(input)) is not { } thrown)
                return true;
            (smallest, failure) = (input, thrown);
            return false;
        });
        var config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithReplay(new Replay(new Rnd(seed), null))
            .WithMaxTest(Math.Max(DefaultCases, CasesAskedFor ?? 0));
        var thrownByFsCheck = Record.Exception(() => FsCheck.Check.One(config, holds));
        Assert.True(failure is null, Message(target, seed, smallest, failure));
        Assert.Null(thrownByFsCheck);
    }

    private static string Message(string target, ulong seed, byte[] input, Exception? failure)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(input))[..8];
        return $"""
            {target} fails with FUZZ_SEED={seed}: {failure}
            The input: {Encoding.UTF8.GetString(input)}
            Keep it: echo {Convert.ToBase64String(input)} | base64 -d > Functions.Tests/Fuzz/Corpus/{target}/{name}
            """;
    }

    private static ulong Seed(string target)
    {
        if (Number("FUZZ_SEED") is { } asked)
            return asked;
        return CasesAskedFor is null
            ? BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(target)))
            : (ulong)Random.Shared.NextInt64();
    }

    private static ulong? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;
}
