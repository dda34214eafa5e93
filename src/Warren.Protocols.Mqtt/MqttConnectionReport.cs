using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Alarms;
using Warren.Core.Connections;
using Warren.Core.Security;
using Warren.Transport;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>A connection as operators see it, and what they ask of it. It stands for its one channel as well.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class MqttConnectionReport(MqttConnection session, Connection connection)
    : ConnectionReport(connection, leastTraffic: 512) // bytes: more than a login, and than an hour of pings
{
    private SessionReport? _channel;

    public override string Name => session.Name;

    public override string ProtocolLabel => session.Limits.Version switch
    {
        ProtocolVersion.Mqtt31 => "mqtt310",
        ProtocolVersion.Mqtt311 => "mqtt311",
        _ => "mqtt50",
    };

    public override User? User => session.Session is null ? null : session.User;

    public override VirtualHost? VirtualHost => session.VirtualHost;

    public override int ChannelCount => 0;

    public override IReadOnlyList<IClientChannel> ListChannels() => session.HasStatistics ? [_channel ??= new SessionReport(session)] : [];

    public override void CloseFor(string reason) => session.CloseFrom(
        reason.Contains("shutdown", StringComparison.Ordinal) ? ReasonCode.ServerShuttingDown : ReasonCode.AdministrativeAction, reason);

    public override void OnAlarm(AlarmKinds alarms) => session.OnAlarm(alarms);

    protected override ConnectionView Describe() => new()
    {
        Protocol = (session.IsWeb ? "Web " : "") + session.Limits.Version switch
        {
            ProtocolVersion.Mqtt31 => "MQTT 3-1",
            ProtocolVersion.Mqtt311 => "MQTT 3-1-1",
            ProtocolVersion.Mqtt50 => "MQTT 5-0",
            _ => "MQTT",
        },
        State = session.StateName,
        ConnectedAtMs = session.ConnectedAtMs,
        ClientProperties = Properties(),
        ChannelMax = 0,
        FrameMax = session.Options.MaxPacketSize,
        HeartbeatSeconds = session.KeepAliveSeconds,
        Variables = Variables(),
    };

    private FieldTable Properties()
    {
        var table = new FieldTable();
        table.Set("product", FieldValue.Of("MQTT client"));
        table.Set("client_id", FieldValue.Of(session.ClientId));
        return table;
    }

    private FieldTable Variables()
    {
        var table = new FieldTable();
        table.Set("client_id", FieldValue.Of(session.ClientId));
        table.Set("clean_sess", FieldValue.Of(session.Session?.ExpirySeconds is null or 0));
        table.Set("will", FieldValue.Of(session.HasWill));
        table.Set("exchange", FieldValue.Of(session.Options.Exchange));
        table.Set("prefetch", FieldValue.Of((long)session.Limits.Window));
        table.Set("messages_unacknowledged", FieldValue.Of(Unacknowledged()));
        return table;
    }

    private long Unacknowledged()
    {
        lock (session.Output.Lock)
        {
            return session.Deliverer?.Sender.Inflight.Sent ?? 0;
        }
    }
}
