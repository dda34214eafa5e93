using System.Diagnostics.CodeAnalysis;

namespace Warren.Wire.Mqtt;

/// <summary>
/// A packet that ends the connection: with CONNACK or DISCONNECT and its reason code in MQTT 5.0, without a word before
/// that ([MQTT-4.13.1-1]).
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "The specification's word is error.")]
[SuppressMessage("Naming", "MA0058", Justification = "The specification's word is error.")]
public sealed class PacketError : Exception
{
    /// <summary>An error of the given code.</summary>
    /// <param name="code">A failure that CONNACK and DISCONNECT may carry.</param>
    /// <param name="text">What is wrong, for the log.</param>
    /// <param name="version">What a refused CONNECT asked for, or <see cref="ProtocolVersion.None"/>.</param>
    public PacketError(ReasonCode code, string text, ProtocolVersion version = ProtocolVersion.None)
        : base(text)
    {
        Code = code;
        Version = version;
    }

    /// <summary>0x81 malformed packet, 0x82 protocol error, 0x95 packet too large and the like.</summary>
    public ReasonCode Code { get; }

    /// <summary>
    /// Of a CONNECT: the version in whose form the refusal is to be written; <see cref="ProtocolVersion.None"/> when it
    /// is not to be answered at all, and for every other packet.
    /// </summary>
    public ProtocolVersion Version { get; }

    /// <summary>Throws 0x82: the packet parses, but is not allowed there or like that.</summary>
    [DoesNotReturn]
    public static void ThrowProtocol(PacketType packet, string what) =>
        throw new PacketError(ReasonCode.ProtocolError, $"{packet}: {what}");

    /// <summary>Throws 0x81: the packet does not parse.</summary>
    [DoesNotReturn]
    public static void ThrowMalformed(PacketType packet, string what) =>
        throw new PacketError(ReasonCode.MalformedPacket, $"{packet}: {what}");

    /// <summary>Throws an error of any code.</summary>
    [DoesNotReturn]
    public static void Throw(ReasonCode code, PacketType packet, string what) =>
        throw new PacketError(code, $"{packet}: {what}");

    [DoesNotReturn]
    internal static void ThrowTooLarge(PacketType packet, long size, int maximum) =>
        throw new PacketError(ReasonCode.PacketTooLarge, $"{packet}: {size} bytes, {maximum} are allowed");

    /// <summary>The same error of a CONNECT whose version is known.</summary>
    internal PacketError OfVersion(ProtocolVersion version) => new(Code, Message, version);
}
