namespace TokenBroker.OAuth;

/// <summary>Why no reply of a provider's could be read.</summary>
internal enum NoReply
{
    /// <summary>There is a reply.</summary>
    None,

    /// <summary>Its host name does not resolve.</summary>
    UnknownHost,

    /// <summary>Its host has private addresses only, and the registration does not allow those.</summary>
    PrivateHost,

    /// <summary>No connection came about.</summary>
    NoConnection,

    /// <summary>TLS failed: the certificate, its name, or the protocol.</summary>
    NoTls,

    /// <summary>It took longer than <see cref="ProviderHttp.Timeout"/>.</summary>
    Timeout,

    /// <summary>The connection was cut, or the reply was too long or malformed.</summary>
    Unreadable,
}
