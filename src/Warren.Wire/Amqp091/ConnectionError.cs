using System.Diagnostics.CodeAnalysis;

namespace Warren.Wire.Amqp091;

/// <summary>
/// A hard error: the server answers with connection.close and drops the connection (AMQP 0-9-1 reference, "Constants").
/// </summary>
/// <remarks><see cref="Exception.Message"/> is the explanation without the name of the code.</remarks>
[SuppressMessage("Naming", "CA1710", Justification = "The specification's word is error.")]
[SuppressMessage("Naming", "MA0058", Justification = "The specification's word is error.")]
public sealed class ConnectionError : Exception
{
    /// <summary>An error of the given code.</summary>
    /// <param name="code">A code of connection level.</param>
    /// <param name="text">The explanation, without the name of the code.</param>
    /// <param name="method">The method that failed, or <see cref="Amqp091.MethodId.None"/>.</param>
    public ConnectionError(ReplyCode code, string text, MethodId method = Amqp091.MethodId.None)
        : base(text)
    {
        Code = code;
        Method = method;
    }

    /// <summary>The reply-code.</summary>
    public ReplyCode Code { get; }

    /// <summary>The method that failed, or <see cref="Amqp091.MethodId.None"/>.</summary>
    public MethodId Method { get; }

    /// <summary>The class of the method that failed, or 0.</summary>
    public ushort ClassId => Method.ToClass();

    /// <summary>The number of the method that failed within its class, or 0.</summary>
    public ushort MethodId => Method.ToNumber();

    /// <summary>The reply-text: <c>NAME - explanation</c>, at most 255 bytes of UTF-8.</summary>
    public string WireText => ReplyText.ToWireText(Code, Message);

    /// <summary>Throws an error of the given code.</summary>
    [DoesNotReturn]
    public static void Throw(ReplyCode code, string text, MethodId method = Amqp091.MethodId.None) =>
        throw new ConnectionError(code, text, method);

    [DoesNotReturn]
    internal static void ThrowFrameTooLarge(byte type, uint size, int frameMax) =>
        throw new ConnectionError(
            ReplyCode.FrameError,
            $"type {type}, all octets = <<>>: {{frame_too_large,{size},{frameMax - FrameReader.Overhead}}}");

    [DoesNotReturn]
    internal static void ThrowUnknownFrame(byte type) =>
        throw new ConnectionError(ReplyCode.FrameError, $"type {type}, all octets = <<>>: unknown_frame");

    [DoesNotReturn]
    internal static void ThrowBadFrameEnd(FrameType type, ReadOnlySpan<byte> payload, byte end) =>
        throw new ConnectionError(
            ReplyCode.FrameError,
            $"type {(byte)type}, all octets = {ReplyText.OfOctets(payload)}: {{invalid_frame_end_marker,{end}}}");

    [DoesNotReturn]
    internal static void ThrowCannotDecode(MethodId method, ReadOnlySpan<byte> arguments) =>
        throw new ConnectionError(
            ReplyCode.FrameError, $"cannot decode {ReplyText.OfOctets(arguments)}", method);

    [DoesNotReturn]
    internal static void ThrowMalformedTable(MethodId method, string fault) =>
        throw new ConnectionError(ReplyCode.SyntaxError, $"malformed field table: {fault}", method);

    [DoesNotReturn]
    internal static void ThrowNotUtf8(MethodId method) =>
        throw new ConnectionError(ReplyCode.SyntaxError, "name is not valid UTF-8", method);

    [DoesNotReturn]
    internal static void ThrowMalformedProperties(string fault) =>
        throw new ConnectionError(
            ReplyCode.SyntaxError, $"malformed content properties: {fault}", Amqp091.MethodId.BasicPublish);
}
