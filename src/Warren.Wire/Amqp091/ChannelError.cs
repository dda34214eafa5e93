using System.Diagnostics.CodeAnalysis;

namespace Warren.Wire.Amqp091;

/// <summary>A soft error: the server answers with channel.close (AMQP 0-9-1 reference, "Constants").</summary>
/// <remarks><see cref="Exception.Message"/> is the explanation without the name of the code.</remarks>
[SuppressMessage("Naming", "CA1710", Justification = "The specification's word is error.")]
[SuppressMessage("Naming", "MA0058", Justification = "The specification's word is error.")]
public sealed class ChannelError : Exception
{
    /// <summary>An error of the given code.</summary>
    /// <param name="code">A code of channel level.</param>
    /// <param name="text">The explanation, without the name of the code.</param>
    /// <param name="method">The method that failed, or <see cref="Amqp091.MethodId.None"/>.</param>
    public ChannelError(ReplyCode code, string text, MethodId method = Amqp091.MethodId.None)
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
        throw new ChannelError(code, text, method);
}
