namespace TokenBroker.SignIns;

/// <summary>The player accepts or declines a device (RFC 8628 §3.3). The first browser that decides has the session to itself.</summary>
public sealed partial class DecideDevice(ISessionStore store, BrokerMetrics metrics, ILogger<DecideDevice> logger)
{
    /// <summary>What a browser is told about a device: to the one that has decided what became of it, to any other nothing.</summary>
    internal static DeviceDecision DecisionOf(Session session, string? browser)
    {
        if (session.DecidedBy is not null && session.DecidedBy != browser)
            return DeviceDecision.TakenByAnotherBrowser;
        return session.Status switch
        {
            SessionStatus.Pending => DeviceDecision.Open,
            SessionStatus.Declined when session.CodeEntryKey is null => DeviceDecision.Declined,
            _ => DeviceDecision.AlreadyAtProvider,
        };
    }

    /// <summary>Accepts: 1 write. The same browser may accept again: players go back, and answers get lost.</summary>
    internal async Task<DeviceDecision> AcceptAsync(FindDevice.Device device, string browser)
    {
        if (device.Session.DecidedBy is not null)
            return DeviceDecision.Accepted;
        if (await store.TryUpdateAsync(device.Session with { DecidedBy = browser }, CancellationToken.None) is not null)
            return DeviceDecision.Accepted;
        var current = await CurrentDecisionAsync(device, browser);
        // Open: the other request was this browser's own, of a double click.
        return current == DeviceDecision.Open ? DeviceDecision.Accepted : current;
    }

    /// <summary>Keeps where the player wants to sign in: 1 write. They may go back and choose again.</summary>
    internal async Task<DeviceDecision> ChooseAsync(FindDevice.Device device, Registration registration, string browser)
    {
        var session = device.Session;
        while (session is not null && DecisionOf(session, browser) == DeviceDecision.Open)
        {
            var chosen = session with { ChosenProvider = registration.Name };
            if (session.ChosenProvider == registration.Name || await store.TryUpdateAsync(chosen, CancellationToken.None) is not null)
                return DeviceDecision.Accepted;
            // Another request of this browser was first; what its player has chosen last counts.
            session = await store.FindAsync(device.Id, CancellationToken.None);
        }
        return session is null ? DeviceDecision.TakenByAnotherBrowser : DecisionOf(session, browser);
    }

    /// <summary>Declines: 1 write.</summary>
    internal async Task<DeviceDecision> DeclineAsync(FindDevice.Device device, string browser)
    {
        var declined = device.Session with { Status = SessionStatus.Declined, DecidedBy = browser };
        if (await store.TryUpdateAsync(declined, CancellationToken.None) is null)
        {
            var current = await CurrentDecisionAsync(device, browser);
            return current == DeviceDecision.Open ? DeviceDecision.TakenByAnotherBrowser : current;
        }
        metrics.SessionCompleted(device.App.Name, "declined");
        Log.Declined(logger, device.App.Name);
        return DeviceDecision.Declined;
    }

    /// <summary>Reads the session again after another request was first.</summary>
    private async Task<DeviceDecision> CurrentDecisionAsync(FindDevice.Device device, string browser)
    {
        var current = await store.FindAsync(device.Id, CancellationToken.None);
        return current is null ? DeviceDecision.TakenByAnotherBrowser : DecisionOf(current, browser);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A device of app {App} was declined")]
        public static partial void Declined(ILogger logger, string app);
    }
}

/// <summary>What has been decided about a device, as a browser is told.</summary>
internal enum DeviceDecision
{
    /// <summary>This browser may decide.</summary>
    Open,

    /// <summary>The player accepts, and goes on to the provider.</summary>
    Accepted,

    /// <summary>The player has declined.</summary>
    Declined,

    /// <summary>The player has been to the provider; the page of the sign-in tells what became of it.</summary>
    AlreadyAtProvider,

    /// <summary>Another browser has the session, or it is gone.</summary>
    TakenByAnotherBrowser,
}
