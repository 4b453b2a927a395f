#nullable enable
using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace TokenBroker.Client
{
    /// <summary>Where a player's tokens are kept between runs.</summary>
    public interface ITokenStore
    {
        /// <summary>Reads what was saved.</summary>
        /// <returns>The text; null when there is none.</returns>
        Task<string?> LoadAsync();

        /// <summary>Saves, or forgets.</summary>
        /// <param name="tokens">The text, a secret; null to forget.</param>
        /// <returns>Done when it is saved.</returns>
        Task SaveAsync(string? tokens);
    }

    /// <summary>Keeps the tokens until the game ends.</summary>
    public sealed class MemoryTokenStore : ITokenStore
    {
        private volatile string? _tokens;

        /// <inheritdoc/>
        public Task<string?> LoadAsync() => Task.FromResult(_tokens);

        /// <inheritdoc/>
        public Task SaveAsync(string? tokens)
        {
            _tokens = tokens;
            return Task.CompletedTask;
        }
    }

    /// <summary>Keeps the tokens in a file that only its user may read. A write that is cut off leaves the file as it was.</summary>
    public sealed class FileTokenStore : ITokenStore
    {
        private const uint ReadAndWriteByOwner = 0x180; // 0600
        private const uint AllByOwner = 0x1C0; // 0700

        private readonly string _path;
        private readonly object _lock = new object();

        /// <summary>A store in a file.</summary>
        /// <param name="path">
        /// The file; its folder is made when it is missing. On Windows the folder should be below the user's own.
        /// </param>
        public FileTokenStore(string path) => _path = Path.GetFullPath(path ?? throw new ArgumentNullException(nameof(path)));

        /// <inheritdoc/>
        public Task<string?> LoadAsync()
        {
            lock (_lock)
                return Task.FromResult(File.Exists(_path) ? File.ReadAllText(_path) : null);
        }

        /// <inheritdoc/>
        public Task SaveAsync(string? tokens)
        {
            lock (_lock)
            {
                if (tokens is null)
                {
                    File.Delete(_path);
                    return Task.CompletedTask;
                }
                var folder = Path.GetDirectoryName(_path)!;
                if (!Directory.Exists(folder))
                {
                    Directory.CreateDirectory(folder);
                    Close(folder, AllByOwner);
                }
                var draft = _path + ".new";
                File.Delete(draft);
                // Closed to others before there is anything in it.
                using (File.Create(draft))
                {
                }
                Close(draft, ReadAndWriteByOwner);
                File.WriteAllText(draft, tokens);
                if (File.Exists(_path))
                    File.Replace(draft, _path, null);
                else
                    File.Move(draft, _path);
            }
            return Task.CompletedTask;
        }

        private static void Close(string path, uint mode)
        {
            if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows) && Chmod(path, mode) != 0)
                throw new IOException($"The permissions of '{path}' could not be set.");
        }

        [DllImport("libc", EntryPoint = "chmod", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        private static extern int Chmod([MarshalAs(UnmanagedType.LPStr)] string path, uint mode);
    }
}
