using System.Text;

namespace Warren.Core.Persistence;

/// <summary>Records that begin with a version octet; strings are length (7-bit) and UTF-8.</summary>
/// <remarks>Pure.</remarks>
internal static class VersionedBytes
{
    private const byte Version = 1;

    /// <summary>Writes a record.</summary>
    public static byte[] Build(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads a record, from behind the version.</summary>
    /// <param name="bytes">The record.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="InvalidDataException">A newer broker has written it.</exception>
    public static BinaryReader Open(byte[] bytes, string what)
    {
        var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        byte version = reader.ReadByte();
        if (version != Version)
        {
            reader.Dispose();
            throw new InvalidDataException($"{what} of version {version}; this broker reads version {Version}");
        }

        return reader;
    }
}
