using Warren.Buffers.Fields;

namespace Warren.Protocols.Amqp091;

/// <summary>How a client has logged in and what it says of itself (connection.start-ok).</summary>
/// <param name="Mechanism">The SASL mechanism.</param>
/// <param name="EncodedProperties">Its properties as they came; decoded when somebody looks, which is rare.</param>
internal sealed record ClientIntroduction(string Mechanism, byte[] EncodedProperties)
{
    public FieldTable Properties => FieldTableReader.Read(EncodedProperties);
}
