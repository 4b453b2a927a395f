using System.Reflection;
using Google.Protobuf.Reflection;

namespace TokenBroker.Tests.RealWorker;

internal static class WorkerMessages
{
    /// <summary>
    /// Writes the descriptors of the worker's gRPC messages into a new file, as a FileDescriptorSet: field 1, repeated
    /// (https://protobuf.dev/programming-guides/encoding/).
    /// </summary>
    /// <returns>The file.</returns>
    public static string WriteDescriptors()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("tokenbroker-").FullName, "messages.bin");
        using var set = File.Create(path);
        using var writer = new BinaryWriter(set);
        foreach (var file in Files())
        {
            var bytes = file.SerializedData.ToByteArray();
            writer.Write((byte)0x0A);
            writer.Write7BitEncodedInt(bytes.Length);
            writer.Write(bytes);
        }
        return path;
    }

    /// <summary>The files that the worker's messages are defined in, each behind those that it uses.</summary>
    private static List<FileDescriptor> Files()
    {
        var files = new List<FileDescriptor>();
        foreach (var type in Assembly.Load("Microsoft.Azure.Functions.Worker.Grpc").GetTypes())
        {
            if (type.GetProperty("Descriptor",
                BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetValue(null) is FileDescriptor file)
                Add(file);
        }
        return files;

        void Add(FileDescriptor file)
        {
            if (files.Any(known => known.Name == file.Name))
                return;
            foreach (var dependency in file.Dependencies)
                Add(dependency);
            files.Add(file);
        }
    }
}
