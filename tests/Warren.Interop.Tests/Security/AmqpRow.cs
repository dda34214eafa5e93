using Warren.Interop.Tests.Raw;
using Warren.Wire.Amqp091;

namespace Warren.Interop.Tests.Security;

/// <summary>One thing a client can ask for over AMQP 0-9-1.</summary>
/// <param name="Method">The method that asks.</param>
/// <param name="What">What is asked, for the test's name.</param>
/// <param name="Act">Sends it on an open channel; whatever has to come before is done and answered here too.</param>
/// <param name="Reply">The method that answers when it is allowed.</param>
/// <param name="Needs">The rights it takes, in the order they are asked for.</param>
internal sealed record AmqpRow(MethodId Method, string What, Action<RawClient, ushort> Act, MethodId Reply, params Need[] Needs)
{
    /// <summary>Channel of the answer: that of the request, or 0.</summary>
    public bool OnChannelZero { get; init; }

    /// <inheritdoc/>
    public override string ToString() => What;
}
