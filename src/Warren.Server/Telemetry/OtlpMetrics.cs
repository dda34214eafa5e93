using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Warren.Core;
using Warren.Core.Metrics;

namespace Warren.Server.Telemetry;

/// <summary>Sends the broker's totals to an OpenTelemetry collector, on a thread of the SDK's own.</summary>
/// <remarks>
/// Only this file knows the SDK, so that its assemblies are loaded when an endpoint is configured and not otherwise. What is
/// sent was counted anyway: a report reads the totals of <see cref="StatisticsCollector"/>.
/// </remarks>
internal sealed class OtlpMetrics : IDisposable
{
    // Names after OpenTelemetry's rules, numbers those of the broker's own samples.
    private static readonly (string Name, int Place, string Unit, string Text)[] Counters =
    [
        ("warren.messages.published", (int)MessageCounter.Publish, "{message}", "Messages published by clients."),
        ("warren.messages.confirmed", (int)MessageCounter.Confirm, "{message}", "Messages confirmed to publishers."),
        ("warren.messages.delivered", (int)MessageCounter.Deliver, "{message}", "Messages handed to consumers that acknowledge."),
        ("warren.messages.delivered_no_ack", (int)MessageCounter.DeliverNoAck, "{message}", "Messages handed to consumers that do not acknowledge."),
        ("warren.messages.redelivered", (int)MessageCounter.Redeliver, "{message}", "Deliveries that were not the first."),
        ("warren.messages.acknowledged", (int)MessageCounter.Ack, "{message}", "Messages acknowledged."),
        ("warren.messages.returned", (int)MessageCounter.ReturnUnroutable, "{message}", "Mandatory messages sent back."),
        ("warren.messages.dropped", (int)MessageCounter.DropUnroutable, "{message}", "Messages that went nowhere."),
        ("warren.io.received", Series.ReceivedOctets, "By", "Octets from clients."),
        ("warren.io.sent", Series.SentOctets, "By", "Octets to clients."),
        ("warren.disk.writes", Series.DiskWrites, "{batch}", "Batches written to the disk and synced."),
        ("warren.disk.reads", Series.DiskReads, "{message}", "Messages read back from the disk."),
    ];

    private readonly Meter _meter = new("Warren");
    private readonly MeterProvider _provider;

    private OtlpMetrics(TelemetryOptions options, Uri endpoint, Broker broker)
    {
        foreach ((string name, int place, string unit, string text) in Counters)
        {
            _meter.CreateObservableCounter(name, () => broker.Statistics.Totals()[place], unit, text);
        }

        _meter.CreateObservableGauge(
            "warren.messages.ready", () => broker.Statistics.Totals()[Series.Ready], "{message}", "Messages waiting in queues.");
        _meter.CreateObservableGauge(
            "warren.messages.unacknowledged",
            () => broker.Statistics.Totals()[Series.Unacknowledged],
            "{message}",
            "Messages delivered and not acknowledged.");
        _meter.CreateObservableGauge(
            "warren.connections", () => broker.Connections.All.Count(), "{connection}", "Open connections.");
        _meter.CreateObservableGauge("warren.memory", static () => Environment.WorkingSet, "By", "Memory the process holds.");
        _meter.CreateObservableGauge(
            "warren.alarms", () => broker.Alarms.Current == Core.Alarms.AlarmKinds.None ? 0 : 1, "1", "Whether publishers are blocked.");
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(static r => r.AddService("warren"))
            .AddMeter(_meter.Name)
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = endpoint;
                exporter.Protocol = options.Protocol == TelemetryProtocol.Grpc
                    ? OtlpExportProtocol.Grpc
                    : OtlpExportProtocol.HttpProtobuf;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = options.IntervalMs;
            })
            .Build();
    }

    /// <summary>Begins to send.</summary>
    /// <exception cref="StartupError">The endpoint is no address.</exception>
    public static OtlpMetrics Start(TelemetryOptions options, Broker broker)
    {
        try
        {
            var endpoint = new Uri(options.Endpoint!, UriKind.Absolute);
            return new OtlpMetrics(options, endpoint, broker);
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            throw new StartupError(
                StartupFault.Configuration, $"warren.otlp.endpoint = {options.Endpoint}: expected an address such as http://127.0.0.1:4317", e);
        }
    }

    /// <summary>Sends what there is once more, and ends.</summary>
    public void Dispose()
    {
        _provider.Dispose();
        _meter.Dispose();
    }
}
