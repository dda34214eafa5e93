using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Alarms;
using Warren.Core.Connections;
using Warren.Core.Security;
using Warren.Transport;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>A connection as operators see it, and what they ask of it.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class Amqp091ConnectionReport(Amqp091Connection session, Connection connection, ChannelTable channels)
    : ConnectionReport(connection)
{
    public override string Name => session.Name;

    public override string ProtocolLabel => Amqp091Protocol.Label;

    public override User? User => session.User;

    public override VirtualHost? VirtualHost => session.VirtualHost;

    public override int ChannelCount => channels.Count;

    public override IReadOnlyList<IClientChannel> ListChannels() => channels.List();

    public override void CloseFor(string reason) => session.Close(ReplyCode.ConnectionForced, reason);

    public override void OnAlarm(AlarmKinds alarms) => session.Alarms.OnAlarm();

    protected override ConnectionView Describe() => new()
    {
        Protocol = "AMQP 0-9-1",
        ProtocolTerm = "{0,9,1}",
        State = session.StateName,
        ConnectedAtMs = session.ConnectedAtMs,
        AuthMechanism = session.Introduction?.Mechanism ?? "",
        ClientProperties = session.Introduction?.Properties ?? FieldTable.Empty,
        ChannelMax = session.ChannelMax,
        FrameMax = session.NegotiatedFrameMax,
        HeartbeatSeconds = session.Heartbeats.Seconds,
    };
}
