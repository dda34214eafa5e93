using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

/// <summary>A row of packets.txt.</summary>
internal sealed record PacketRow(
    string Statements, ProtocolVersion Version, PacketSender Sender, string Name, byte[] Bytes, string Outcome)
{
    internal bool IsAccepted => Outcome.StartsWith("ok", StringComparison.Ordinal);

    /// <summary>What an accepted packet looks like when it is written again.</summary>
    internal byte[] Rewritten => Outcome.Length > 2 ? Hex.Bytes(Outcome[2..]) : Bytes;
}

/// <summary>The packets of packets.txt.</summary>
internal static class PacketTable
{
    internal static IReadOnlyList<PacketRow> Rows { get; } = [.. Read()];

    private static IEnumerable<PacketRow> Read()
    {
        using Stream stream = typeof(PacketTable).Assembly.GetManifestResourceStream("packets.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                string[] cells = line.Split(" | ");
                yield return new PacketRow(
                    cells[0], VersionOf(cells[1]), cells[2] == "C" ? PacketSender.Client : PacketSender.Server,
                    cells[3], Hex.Bytes(cells[4]), cells[5]);
            }
        }
    }

    private static ProtocolVersion VersionOf(string name) => name switch
    {
        "3.1" => ProtocolVersion.Mqtt31,
        "3.1.1" => ProtocolVersion.Mqtt311,
        _ => ProtocolVersion.Mqtt50,
    };
}
