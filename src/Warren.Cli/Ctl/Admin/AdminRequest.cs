using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Admin;

/// <summary>The path and body that <c>key=value</c> arguments make.</summary>
internal sealed record AdminRequest(string Path, JsonObject Body)
{
    private static readonly string[] Flags = ["auto_delete", "durable", "internal", "tracing"];

    /// <summary>Reads the arguments of one object.</summary>
    /// <param name="target">What they are for.</param>
    /// <param name="arguments"><c>name=value</c> each.</param>
    /// <param name="virtualHost">Where, if the arguments do not say.</param>
    /// <exception cref="AdminError">One is unknown, missing or no JSON.</exception>
    public static AdminRequest Of(AdminObject target, IEnumerable<string> arguments, string virtualHost)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string? value) in target.Optional)
        {
            if (value is not null)
            {
                values[name] = value;
            }
        }

        foreach (string argument in arguments)
        {
            string[] parts = argument.Split('=', 2);
            if (parts.Length < 2)
            {
                throw new AdminError($"Argument \"{argument}\" not in the name=value format", isUsage: true);
            }

            if (!target.Knows(parts[0]))
            {
                throw new AdminError($"Argument \"{parts[0]}\" is not recognised", isUsage: true);
            }

            values[parts[0]] = parts[1];
        }

        foreach (string mandatory in target.Mandatory)
        {
            string[] names = mandatory.Split('|');
            if (!names.Any(values.ContainsKey))
            {
                throw new AdminError(
                    names.Length == 1
                        ? $"mandatory argument \"{mandatory}\" is required"
                        : $"one of mandatory arguments \"{string.Join("\", \"", names)}\" is required",
                    isUsage: true);
            }
        }

        if (!target.Mandatory.Contains("vhost", StringComparer.Ordinal))
        {
            values["vhost"] = virtualHost;
        }

        return new AdminRequest(Fill(target.Path, values), BodyOf(target, values));
    }

    private static string Fill(string template, Dictionary<string, string> values)
    {
        string path = $"api/{template}";
        foreach ((string name, string value) in values)
        {
            path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
        }

        string kind = values.GetValueOrDefault("destination_type") ?? "queue";
        return path.Replace("{destination_char}", kind[..Math.Min(1, kind.Length)], StringComparison.Ordinal);
    }

    private static JsonObject BodyOf(AdminObject target, Dictionary<string, string> values)
    {
        var body = new JsonObject();
        foreach ((string name, string value) in values)
        {
            body[name] = Value(target, name, value);
        }

        // queue_type=quorum is short for its argument
        if (values.TryGetValue("queue_type", out string? type) && body["arguments"] is JsonObject arguments)
        {
            arguments["x-queue-type"] = type;
        }

        return body;
    }

    private static JsonNode? Value(AdminObject target, string name, string value)
    {
        if (target.Json.Contains(name, StringComparer.Ordinal))
        {
            try
            {
                return JsonNode.Parse(value);
            }
            catch (JsonException)
            {
                throw new AdminError($"Could not parse JSON:\n  {value}", isUsage: true);
            }
        }

        if (name == "count" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            return count;
        }

        return Flags.Contains(name, StringComparer.Ordinal) && bool.TryParse(value, out bool flag) ? flag : value;
    }
}
