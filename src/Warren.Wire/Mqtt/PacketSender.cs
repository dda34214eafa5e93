namespace Warren.Wire.Mqtt;

/// <summary>Who sent a packet that both sides may send: some properties go one way only.</summary>
public enum PacketSender : byte
{
    /// <summary>The client; what a server reads.</summary>
    Client,

    /// <summary>The server; what a client reads.</summary>
    Server,
}
