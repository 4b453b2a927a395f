#nullable enable
using System;
using System.Threading;
using System.Threading.Tasks;

namespace TokenBroker.Client
{
    /// <summary>A sign-in that ends with an access code, which the player types into the game.</summary>
    public sealed class AccessCodeSignIn
    {
        private readonly Func<string, CancellationToken, Task<Tokens>> _redeem;

        internal AccessCodeSignIn(Uri address, Func<string, CancellationToken, Task<Tokens>> redeem)
        {
            Address = address;
            _redeem = redeem;
        }

        /// <summary>What to open in the player's browser.</summary>
        public Uri Address { get; }

        /// <summary>Redeems the code, once. A wrong code spends nothing: the player may type it again.</summary>
        /// <param name="accessCode">What the player typed; blanks and dashes do not count.</param>
        /// <param name="cancellation">Stops waiting; tokens that are on their way then are lost, and the player signs in again.</param>
        /// <returns>The player's tokens, which the client keeps as well.</returns>
        /// <exception cref="TokenBrokerException">
        /// The code is wrong, expired or used, too many were wrong, or there is trouble.
        /// </exception>
        public Task<Tokens> CompleteAsync(string accessCode, CancellationToken cancellation = default) =>
            _redeem(accessCode ?? throw new ArgumentNullException(nameof(accessCode)), cancellation);
    }

    /// <summary>What a game shows while it waits for a device's sign-in.</summary>
    public sealed class DevicePrompt
    {
        internal DevicePrompt(string userCode, Uri address, Uri completeAddress, Uri picture, DateTimeOffset expiresAt)
        {
            UserCode = userCode;
            Address = address;
            CompleteAddress = completeAddress;
            Picture = picture;
            ExpiresAt = expiresAt;
        }

        /// <summary>The code that the player compares or types: <c>WDJB-MJHT</c>.</summary>
        public string UserCode { get; }

        /// <summary>Where the player types it.</summary>
        public Uri Address { get; }

        /// <summary>The same with the code: what a QR code holds, or what a game opens that can open a browser.</summary>
        public Uri CompleteAddress { get; }

        /// <summary>A QR code of <see cref="CompleteAddress"/>, as SVG.</summary>
        public Uri Picture { get; }

        /// <summary>When it is too late.</summary>
        public DateTimeOffset ExpiresAt { get; }
    }
}
