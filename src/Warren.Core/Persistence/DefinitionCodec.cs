using Warren.Buffers.Fields;

namespace Warren.Core.Persistence;

/// <summary>A queue as the log stores it.</summary>
internal sealed record StoredQueue(string VirtualHost, string Name, bool AutoDelete, FieldTable Arguments);

/// <summary>A binding of a queue as the log stores it; the queue is the record's owner.</summary>
internal sealed record StoredBinding(string VirtualHost, string Exchange, string RoutingKey, FieldTable Arguments);

/// <summary>An exchange as the metadata store keeps it.</summary>
internal sealed record StoredExchange(string Type, bool AutoDelete, bool Internal, FieldTable Arguments);

/// <summary>Definitions as bytes. Each begins with a version octet; strings are length (7-bit) and UTF-8, arguments a field table.</summary>
/// <remarks>Pure.</remarks>
internal static class DefinitionCodec
{
    public static byte[] Write(StoredQueue queue) => VersionedBytes.Build(writer =>
    {
        writer.Write(queue.VirtualHost);
        writer.Write(queue.Name);
        writer.Write(queue.AutoDelete);
        Write(writer, queue.Arguments);
    });

    public static byte[] Write(StoredBinding binding) => VersionedBytes.Build(writer =>
    {
        writer.Write(binding.VirtualHost);
        writer.Write(binding.Exchange);
        writer.Write(binding.RoutingKey);
        Write(writer, binding.Arguments);
    });

    public static byte[] Write(StoredExchange exchange) => VersionedBytes.Build(writer =>
    {
        writer.Write(exchange.Type);
        writer.Write(exchange.AutoDelete);
        writer.Write(exchange.Internal);
        Write(writer, exchange.Arguments);
    });

    public static StoredQueue ReadQueue(byte[] bytes)
    {
        using BinaryReader reader = VersionedBytes.Open(bytes, "definition");
        return new StoredQueue(reader.ReadString(), reader.ReadString(), reader.ReadBoolean(), ReadTable(reader));
    }

    public static StoredBinding ReadBinding(byte[] bytes)
    {
        using BinaryReader reader = VersionedBytes.Open(bytes, "definition");
        return new StoredBinding(reader.ReadString(), reader.ReadString(), reader.ReadString(), ReadTable(reader));
    }

    public static StoredExchange ReadExchange(byte[] bytes)
    {
        using BinaryReader reader = VersionedBytes.Open(bytes, "definition");
        return new StoredExchange(reader.ReadString(), reader.ReadBoolean(), reader.ReadBoolean(), ReadTable(reader));
    }

    private static void Write(BinaryWriter writer, FieldTable table)
    {
        byte[] encoded = FieldTableWriter.ToArray(table);
        writer.Write(encoded.Length);
        writer.Write(encoded);
    }

    private static FieldTable ReadTable(BinaryReader reader) =>
        FieldTableReader.Read(reader.ReadBytes(reader.ReadInt32()));
}
