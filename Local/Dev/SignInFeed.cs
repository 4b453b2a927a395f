namespace TokenBroker.Local.Dev;

/// <summary>The sign-ins of this run, newest first, and who waits for news of them.</summary>
internal sealed class SignInFeed
{
    /// <summary>How many are kept.</summary>
    private const int Most = 50;

    private readonly Lock _lock = new();
    private readonly LinkedList<ObservedSignIn> _all = [];
    private readonly Dictionary<string, ObservedSignIn> _byKey = [];
    private TaskCompletionSource _news = NewSource();
    private int _last;

    /// <summary>Ends with the next change.</summary>
    public Task News
    {
        get
        {
            lock (_lock)
                return _news.Task;
        }
    }

    /// <summary>Finds a sign-in by any of these, or begins one, changes it, and tells who waits.</summary>
    /// <param name="keys">What may tell which it is: the session, a code, a PKCE challenge. Its first requests have fewer.</param>
    /// <param name="mayBegin">Whether it may be a new one.</param>
    /// <param name="change">Changes it, and names the keys by which it is found from now on.</param>
    public void Change(IEnumerable<string> keys, bool mayBegin, Func<ObservedSignIn, IEnumerable<string>> change)
    {
        lock (_lock)
        {
            var known = keys.Select(key => _byKey.GetValueOrDefault(key)).FirstOrDefault(found => found is not null);
            if (known is null && !mayBegin)
                return;
            var signIn = known ?? Begin();
            foreach (var key in change(signIn))
                _byKey[key] = signIn;
            (var news, _news) = (_news, NewSource());
            news.SetResult();
        }
    }

    /// <summary>Reads the sign-ins, newest first, while none changes.</summary>
    public T Read<T>(Func<IEnumerable<ObservedSignIn>, T> read)
    {
        lock (_lock)
            return read(_all);
    }

    private ObservedSignIn Begin()
    {
        var signIn = new ObservedSignIn(++_last);
        _all.AddFirst(signIn);
        if (_all.Count <= Most)
            return signIn;
        var oldest = _all.Last!.Value;
        _all.RemoveLast();
        foreach (var key in _byKey.Where(pair => pair.Value == oldest).Select(pair => pair.Key).ToList())
            _byKey.Remove(key);
        return signIn;
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
