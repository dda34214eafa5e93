using System.Text.Json.Nodes;
using Warren.Core.Metrics;

namespace Warren.Management.Views;

/// <summary>Numbers with their <c>*_details</c>: rate, and samples when asked for.</summary>
internal static class Details
{
    /// <summary>Adds a number and its details.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">The number now.</param>
    /// <param name="history">How it was; null: as it is, for as long as anybody remembers.</param>
    /// <param name="series">Its places in the samples; several are summed up.</param>
    /// <param name="range">The samples asked for.</param>
    /// <param name="nowMs">Unix time in milliseconds.</param>
    public static void Add(
        JsonObject json, string name, long value, SampleHistory? history, ReadOnlySpan<int> series, SampleRange? range, long nowMs)
    {
        json[name] = value;
        json[$"{name}_details"] = Of(value, history, series, range, nowMs);
    }

    /// <summary>Adds a number nobody keeps a history of.</summary>
    public static void AddStill(JsonObject json, string name, long value, SampleRange? range, long nowMs) =>
        Add(json, name, value, history: null, [], range, nowMs);

    private static JsonObject Of(long value, SampleHistory? history, ReadOnlySpan<int> series, SampleRange? range, long nowMs)
    {
        double rate = 0;
        if (history is not null)
        {
            foreach (int one in series)
            {
                rate += history.RateOf(one);
            }
        }

        var details = new JsonObject { ["rate"] = rate };
        if (range is { } asked)
        {
            AddSamples(details, SamplesOf(value, history, series, asked, nowMs), asked);
        }

        return details;
    }

    private static Sample[] SamplesOf(
        long value, SampleHistory? history, ReadOnlySpan<int> series, SampleRange range, long nowMs)
    {
        var samples = new Sample[(range.AgeSeconds / range.StepSeconds) + 1];
        long step = range.StepSeconds * 1000L;
        long newest = nowMs - (nowMs % step);
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = new Sample(newest - (i * step), history is null ? value : 0);
        }

        foreach (int one in series)
        {
            IReadOnlyList<Sample>? kept = history?.Samples(one, nowMs, range.AgeSeconds, range.StepSeconds);
            for (int i = 0; i < kept?.Count; i++)
            {
                samples[i] = kept[i] with { Value = samples[i].Value + kept[i].Value };
            }
        }

        return samples;
    }

    private static void AddSamples(JsonObject details, Sample[] samples, SampleRange range)
    {
        var list = new JsonArray();
        double sum = 0;
        foreach (Sample sample in samples)
        {
            sum += sample.Value;
            list.Add((JsonNode)new JsonObject { ["sample"] = sample.Value, ["timestamp"] = sample.TimeMs });
        }

        double seconds = Math.Max(range.StepSeconds, (samples.Length - 1) * range.StepSeconds);
        details["samples"] = list;
        details["avg_rate"] = (samples[0].Value - samples[^1].Value) / seconds;
        details["avg"] = sum / samples.Length;
    }
}
