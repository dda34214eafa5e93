using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Tests.Mqtt.InMemory;

/// <summary>Properties for a packet of a test, written one after the other; nothing is checked.</summary>
internal sealed class Props
{
    private readonly byte[] _bytes = new byte[128 * 1024];
    private int _length;

    public static Props None => new();

    public byte[] Encoded => _bytes[.._length];

    public static Props Of(PropertyId id, uint value) => new Props().And(id, value);

    public static Props Of(PropertyId id, string value) => new Props().And(id, value);

    public static Props User(string name, string value) => new Props().AndUser(name, value);

    public Props And(PropertyId id, uint value)
    {
        var writer = new PropertyWriter(_bytes.AsSpan(_length));
        writer.Number(id, value);
        _length += writer.Written.Length;
        return this;
    }

    public Props And(PropertyId id, string value)
    {
        var writer = new PropertyWriter(_bytes.AsSpan(_length));
        writer.Text(id, value);
        _length += writer.Written.Length;
        return this;
    }

    public Props AndUser(string name, string value)
    {
        var writer = new PropertyWriter(_bytes.AsSpan(_length));
        writer.User(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        _length += writer.Written.Length;
        return this;
    }
}

/// <summary>A will for CONNECT.</summary>
internal sealed record WillOf(string Topic, string Payload, int QoS = 0, bool Retain = false, Props? Properties = null);
