using Warren.Buffers.Options;

namespace Warren.Server.Telemetry;

/// <summary>How telemetry is spoken.</summary>
public enum TelemetryProtocol
{
    /// <summary>OTLP over gRPC; port 4317 is usual.</summary>
    [ConfigValue("grpc")]
    Grpc,

    /// <summary>OTLP in protocol buffers over HTTP; port 4318 and the path /v1/metrics are usual.</summary>
    [ConfigValue("http/protobuf", "http")]
    Http,
}

/// <summary>Where metrics are sent to.</summary>
public sealed record TelemetryOptions
{
    /// <summary>The collector's address, such as http://127.0.0.1:4317. Null: nothing is sent, and nothing is loaded for it.</summary>
    [ConfigKey("warren.otlp.endpoint")]
    public string? Endpoint { get; init; }

    /// <summary>How the collector is spoken to.</summary>
    [ConfigKey("warren.otlp.protocol")]
    public TelemetryProtocol Protocol { get; init; }

    /// <summary>Milliseconds between two reports.</summary>
    [ConfigKey("warren.otlp.interval", Unit = ConfigUnit.Milliseconds, Min = 1000)]
    public int IntervalMs { get; init; } = 15_000;
}
