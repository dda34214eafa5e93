namespace Warren.Management.Views;

/// <summary>Which samples a request asks for, and when it was made.</summary>
internal sealed record SampleQuery
{
    /// <summary>Unix time in milliseconds.</summary>
    public long NowMs { get; init; }

    /// <summary>Of message counts in queues: <c>lengths_age</c>, <c>lengths_incr</c>.</summary>
    public SampleRange? Lengths { get; init; }

    /// <summary>Of <c>message_stats</c>: <c>msg_rates_age</c>, <c>msg_rates_incr</c>.</summary>
    public SampleRange? MessageRates { get; init; }

    /// <summary>Of octets: <c>data_rates_age</c>, <c>data_rates_incr</c>.</summary>
    public SampleRange? DataRates { get; init; }

    /// <summary>Of nodes: <c>node_stats_age</c>, <c>node_stats_incr</c>.</summary>
    public SampleRange? NodeStats { get; init; }

    /// <summary>Reads the parameters of a request.</summary>
    /// <returns>Null, or why they are refused.</returns>
    public static string? Read(Func<string, string?> query, long nowMs, out SampleQuery samples)
    {
        string? error = SampleRange.Read(query, "lengths", out SampleRange? lengths)
            ?? SampleRange.Read(query, "msg_rates", out _)
            ?? SampleRange.Read(query, "data_rates", out _)
            ?? SampleRange.Read(query, "node_stats", out _);
        _ = SampleRange.Read(query, "msg_rates", out SampleRange? messages);
        _ = SampleRange.Read(query, "data_rates", out SampleRange? data);
        _ = SampleRange.Read(query, "node_stats", out SampleRange? node);
        samples = new SampleQuery
        {
            NowMs = nowMs,
            Lengths = lengths,
            MessageRates = messages,
            DataRates = data,
            NodeStats = node,
        };
        return error;
    }
}
