namespace Warren.Interop.Tests.Raw;

/// <summary>A method with its encoded arguments, and the methods of AMQP 0-9-1 by name.</summary>
public sealed record RawMethod(ushort ClassId, ushort MethodId, byte[] Arguments)
{
    private static readonly byte[] Nothing = [];

    public static RawMethod ConnectionStartOk(
        string mechanism = "PLAIN", string response = "\0guest\0guest", (string, object?)[]? properties = null) =>
        Of(10, 11, new RawWriter().Table(properties).ShortString(mechanism).LongString(response).ShortString("en_US"));

    public static RawMethod ConnectionTuneOk(int channelMax = 2047, uint frameMax = 131072, int heartbeat = 0) =>
        Of(10, 31, new RawWriter().U16(channelMax).U32(frameMax).U16(heartbeat));

    public static RawMethod ConnectionOpen(string virtualHost = "/") =>
        Of(10, 40, new RawWriter().ShortString(virtualHost).ShortString("").Bits(false));

    public static RawMethod ConnectionClose() =>
        Of(10, 50, new RawWriter().U16(200).ShortString("bye").U16(0).U16(0));

    public static RawMethod ConnectionCloseOk() => new(10, 51, Nothing);

    public static RawMethod ConnectionUpdateSecret(string secret, string reason) =>
        Of(10, 70, new RawWriter().LongString(secret).ShortString(reason));

    public static RawMethod ChannelOpen() => Of(20, 10, new RawWriter().ShortString(""));

    public static RawMethod ChannelFlow(bool active) => Of(20, 20, new RawWriter().Bits(active));

    public static RawMethod ChannelClose() =>
        Of(20, 40, new RawWriter().U16(200).ShortString("bye").U16(0).U16(0));

    public static RawMethod ChannelCloseOk() => new(20, 41, Nothing);

    public static RawMethod AccessRequest() =>
        Of(30, 10, new RawWriter().ShortString("/data").Bits(false, true, true, true, true));

    public static RawMethod ExchangeDeclare(
        string exchange,
        string type = "direct",
        bool passive = false,
        bool durable = false,
        bool autoDelete = false,
        bool isInternal = false,
        bool noWait = false,
        (string, object?)[]? arguments = null) =>
        Of(40, 10, new RawWriter().U16(0).ShortString(exchange).ShortString(type)
            .Bits(passive, durable, autoDelete, isInternal, noWait).Table(arguments));

    public static RawMethod ExchangeDelete(string exchange, bool ifUnused = false, bool noWait = false) =>
        Of(40, 20, new RawWriter().U16(0).ShortString(exchange).Bits(ifUnused, noWait));

    public static RawMethod ExchangeBind(
        string destination, string source, string key = "", bool noWait = false,
        (string, object?)[]? arguments = null) =>
        Of(40, 30, new RawWriter().U16(0).ShortString(destination).ShortString(source).ShortString(key)
            .Bits(noWait).Table(arguments));

    public static RawMethod ExchangeUnbind(
        string destination, string source, string key = "", bool noWait = false,
        (string, object?)[]? arguments = null) =>
        Of(40, 40, new RawWriter().U16(0).ShortString(destination).ShortString(source).ShortString(key)
            .Bits(noWait).Table(arguments));

    public static RawMethod QueueDeclare(
        string queue,
        bool passive = false,
        bool durable = false,
        bool exclusive = false,
        bool autoDelete = false,
        bool noWait = false,
        (string, object?)[]? arguments = null) =>
        Of(50, 10, new RawWriter().U16(0).ShortString(queue)
            .Bits(passive, durable, exclusive, autoDelete, noWait).Table(arguments));

    public static RawMethod QueueBind(
        string queue, string exchange, string key = "", bool noWait = false, (string, object?)[]? arguments = null) =>
        Of(50, 20, new RawWriter().U16(0).ShortString(queue).ShortString(exchange).ShortString(key)
            .Bits(noWait).Table(arguments));

    public static RawMethod QueueUnbind(
        string queue, string exchange, string key = "", (string, object?)[]? arguments = null) =>
        Of(50, 50, new RawWriter().U16(0).ShortString(queue).ShortString(exchange).ShortString(key).Table(arguments));

    public static RawMethod QueuePurge(string queue, bool noWait = false) =>
        Of(50, 30, new RawWriter().U16(0).ShortString(queue).Bits(noWait));

    public static RawMethod QueueDelete(
        string queue, bool ifUnused = false, bool ifEmpty = false, bool noWait = false) =>
        Of(50, 40, new RawWriter().U16(0).ShortString(queue).Bits(ifUnused, ifEmpty, noWait));

    public static RawMethod BasicQos(int count, uint size = 0, bool global = false) =>
        Of(60, 10, new RawWriter().U32(size).U16(count).Bits(global));

    public static RawMethod BasicConsume(
        string queue,
        string tag = "",
        bool noLocal = false,
        bool noAck = false,
        bool exclusive = false,
        bool noWait = false,
        (string, object?)[]? arguments = null) =>
        Of(60, 20, new RawWriter().U16(0).ShortString(queue).ShortString(tag)
            .Bits(noLocal, noAck, exclusive, noWait).Table(arguments));

    public static RawMethod BasicCancel(string tag, bool noWait = false) =>
        Of(60, 30, new RawWriter().ShortString(tag).Bits(noWait));

    public static RawMethod BasicPublish(
        string exchange, string key, bool mandatory = false, bool immediate = false) =>
        Of(60, 40, new RawWriter().U16(0).ShortString(exchange).ShortString(key).Bits(mandatory, immediate));

    public static RawMethod BasicGet(string queue, bool noAck = false) =>
        Of(60, 70, new RawWriter().U16(0).ShortString(queue).Bits(noAck));

    public static RawMethod BasicAck(ulong tag, bool multiple = false) =>
        Of(60, 80, new RawWriter().U64(tag).Bits(multiple));

    public static RawMethod BasicReject(ulong tag, bool requeue) =>
        Of(60, 90, new RawWriter().U64(tag).Bits(requeue));

    public static RawMethod BasicRecoverAsync(bool requeue) => Of(60, 100, new RawWriter().Bits(requeue));

    public static RawMethod BasicRecover(bool requeue) => Of(60, 110, new RawWriter().Bits(requeue));

    public static RawMethod BasicNack(ulong tag, bool multiple = false, bool requeue = true) =>
        Of(60, 120, new RawWriter().U64(tag).Bits(multiple, requeue));

    public static RawMethod ConfirmSelect(bool noWait = false) => Of(85, 10, new RawWriter().Bits(noWait));

    public static RawMethod TxSelect() => new(90, 10, Nothing);

    public static RawMethod TxCommit() => new(90, 20, Nothing);

    public static RawMethod TxRollback() => new(90, 30, Nothing);

    private static RawMethod Of(ushort classId, ushort methodId, RawWriter arguments) =>
        new(classId, methodId, arguments.ToArray());
}
