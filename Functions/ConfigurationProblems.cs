namespace TokenBroker;

/// <summary>Collects what is wrong with the configuration, so that an operator is told all of it at once.</summary>
internal sealed class ConfigurationProblems
{
    private readonly List<string> _all = [];

    /// <summary>Reads a value, and collects what is wrong with it.</summary>
    /// <returns>The value; the default of its type when it is wrong: then <see cref="ThrowIfAny"/> throws before anybody sees it.</returns>
    public T Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ConfigurationException exception)
        {
            _all.AddRange(exception.Problems);
            return default!;
        }
    }

    /// <summary>Checks something, and collects what is wrong with it.</summary>
    public void Try(Action check) => Try(() =>
    {
        check();
        return true;
    });

    /// <exception cref="ConfigurationException">Something is wrong.</exception>
    public void ThrowIfAny()
    {
        if (_all.Count > 0)
            throw new ConfigurationException([.. _all.Distinct()]);
    }

    /// <summary>Checks that a section has no other keys than these.</summary>
    public void CheckKeys(IConfigurationSection section, IReadOnlyList<string> known)
    {
        foreach (var child in section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            Try(() => throw new ConfigurationException(child.Path, Unknown("is unknown", child.Key, known)));
    }

    /// <summary>The rest of a sentence about a value that is none of those that are known, with the one that may be meant.</summary>
    public static string Unknown(string problem, string value, IReadOnlyList<string> known)
    {
        var meant = known.MinBy(each => Distance(value, each));
        var isNear = meant is not null && Distance(value, meant) <= Math.Max(1, meant.Length / 3);
        return $"{problem}{(isNear ? $"; did you mean {meant}?" : ".")} Known: {string.Join(", ", known)}.";
    }

    /// <summary>How many letters have to be changed, added or left out to make one text of the other, whatever their case.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        foreach (var letter in one)
        {
            var diagonal = row[0]++;
            for (var index = 1; index <= other.Length; index++)
            {
                var isSame = char.ToUpperInvariant(letter) == char.ToUpperInvariant(other[index - 1]);
                var changed = diagonal + (isSame ? 0 : 1);
                diagonal = row[index];
                row[index] = Math.Min(changed, Math.Min(row[index], row[index - 1]) + 1);
            }
        }
        return row[^1];
    }
}
