namespace Warren.Wire.Amqp091;

/// <summary>The seven octets before a frame's payload (AMQP 0-9-1, 4.2.3).</summary>
/// <param name="Type">What the frame carries.</param>
/// <param name="Channel">The channel it belongs to; 0 is the connection.</param>
/// <param name="PayloadSize">Bytes between the header and the end octet.</param>
public readonly record struct FrameHeader(FrameType Type, ushort Channel, int PayloadSize);
