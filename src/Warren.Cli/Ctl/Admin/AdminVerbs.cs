using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Admin;

/// <summary>What rabbitmqadmin does, one method a verb.</summary>
internal sealed class AdminVerbs
{
    private readonly ManagementApi _api;
    private readonly ParsedLine _line;
    private readonly string? _virtualHost;
    private readonly CtlStreams _streams;
    private readonly Action<string> _onPath;
    private readonly bool _isVerbose;

    /// <param name="api">The broker.</param>
    /// <param name="line">What was asked.</param>
    /// <param name="virtualHost">The virtual host; null for all in lists and <c>/</c> elsewhere.</param>
    /// <param name="streams">Where text comes from and goes to.</param>
    /// <param name="onPath">Told what is asked for, for the text of a refusal.</param>
    public AdminVerbs(ManagementApi api, ParsedLine line, string? virtualHost, CtlStreams streams, Action<string> onPath)
    {
        _api = api;
        _line = line;
        _virtualHost = virtualHost;
        _streams = streams;
        _onPath = onPath;
        _isVerbose = !line.Has(AdminOptions.Quiet);
    }

    private string Format => _line.Value(AdminOptions.Format) ?? "table";

    /// <summary>Does what was asked.</summary>
    /// <exception cref="AdminError">It makes no sense.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => _line.Word switch
    {
        "list" => ListAsync(cancellationToken),
        "show" => ShowAsync(cancellationToken),
        "declare" => DeclareAsync(cancellationToken),
        "delete" => RemoveAsync(AdminObjects.Deletable, "deleted", cancellationToken),
        "close" => RemoveAsync(AdminObjects.Closable, "closed", cancellationToken),
        "purge" => RemoveAsync(AdminObjects.Purgeable, "purged", cancellationToken),
        "publish" => PublishAsync(cancellationToken),
        "get" => GetAsync(cancellationToken),
        "export" => ExportAsync(cancellationToken),
        "import" => ImportAsync(cancellationToken),
        null => throw new AdminError("Action not specified", isUsage: true),
        { } word => throw new AdminError($"Action {word} not recognised", isUsage: true),
    };

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        string kind = _line.Arguments.Count > 0 ? _line.Arguments[0] : throw new AdminError("Exactly one argument required", isUsage: true);
        if (!AdminObjects.Listable.TryGetValue(kind, out (string[] Columns, bool HasHost) known))
        {
            throw new AdminError($"Don't know how to list {kind}", isUsage: true);
        }

        string resource = kind.Replace('_', '-');
        string path = known.HasHost && _virtualHost is not null ? ManagementApi.Path(resource, _virtualHost) : ManagementApi.Path(resource);
        await ShowAsync(path, known.Columns, isList: true, cancellationToken);
    }

    private Task ShowAsync(CancellationToken cancellationToken) => _line.Arguments is ["overview", ..]
        ? ShowAsync("api/overview", AdminObjects.OverviewColumns, isList: false, cancellationToken)
        : throw new AdminError($"Don't know how to show {string.Join(' ', _line.Arguments)}", isUsage: true);

    private async Task ShowAsync(string path, string[] usual, bool isList, CancellationToken cancellationToken)
    {
        string[] named = [.. _line.Arguments.Skip(1)];
        int depth = _line.Number(AdminOptions.Depth) ?? 1;
        bool isJson = Format.Contains("json", StringComparison.Ordinal);
        string[] columns = named.Length == 0 && depth == 1 && !isJson ? usual : named;
        var query = new List<string>();
        if (columns.Length > 0)
        {
            query.Add($"columns={Uri.EscapeDataString(string.Join(',', columns))}");
        }

        if (_line.Value(AdminOptions.Sort) is { } sort)
        {
            query.Add($"sort={Uri.EscapeDataString(sort)}");
        }

        if (_line.Has(AdminOptions.SortReverse))
        {
            query.Add("sort_reverse=true");
        }

        string full = query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
        _onPath(full);
        JsonNode? answer = await _api.GetAsync(full, cancellationToken);
        Write(isList ? answer : new JsonArray(answer), columns, depth);
    }

    private void Write(JsonNode? items, IReadOnlyList<string> columns, int depth)
    {
        _streams.Output.Write(Format switch
        {
            "raw_json" => $"{JsonText.Of(items)}\n",
            "pretty_json" => $"{JsonText.Of(Sorted(items), indented: true)}\n",
            _ => new AdminTable((items as JsonArray ?? []).OfType<JsonObject>(), columns, depth).Format(Format, _isVerbose),
        });
    }

    private static JsonNode? Sorted(JsonNode? value) => value switch
    {
        JsonObject members => new JsonObject(members.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => value?.DeepClone(),
    };

    private async Task DeclareAsync(CancellationToken cancellationToken)
    {
        (AdminObject target, AdminRequest request) = Read(AdminObjects.Declarable);
        if (target.Name == "binding")
        {
            await _api.PostAsync(request.Path, request.Body, cancellationToken);
        }
        else
        {
            await _api.PutAsync(request.Path, request.Body, cancellationToken);
        }

        Say($"{target.Name} declared");
    }

    private async Task RemoveAsync(IReadOnlyList<AdminObject> known, string done, CancellationToken cancellationToken)
    {
        (AdminObject target, AdminRequest request) = Read(known);
        await _api.DeleteAsync(request.Path, cancellationToken);
        Say($"{target.Name} {done}");
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        AdminRequest request = Request(AdminObjects.Publish, _line.Arguments);
        if (request.Body["payload"] is null)
        {
            string text = await _streams.Input.ReadToEndAsync(cancellationToken);
            request.Body["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
            request.Body["payload_encoding"] = "base64";
        }

        JsonNode? answer = await _api.PostAsync(request.Path, request.Body, cancellationToken);
        Say(answer?["routed"]?.GetValue<bool>() == true ? "Message published" : "Message published but NOT routed");
    }

    private async Task GetAsync(CancellationToken cancellationToken)
    {
        AdminRequest request = Request(AdminObjects.Get, _line.Arguments);
        string? file = request.Body["payload_file"]?.ToString();
        if (file is not null && request.Body["count"]?.ToString() != "1")
        {
            throw new AdminError("Cannot get multiple messages using payload_file", isUsage: true);
        }

        JsonNode? messages = await _api.PostAsync(request.Path, request.Body, cancellationToken);
        if (file is null)
        {
            Write(messages, [], _line.Number(AdminOptions.Depth) ?? 1);
            return;
        }

        if (messages is JsonArray and [JsonObject message])
        {
            string payload = message["payload"]?.ToString() ?? "";
            byte[] body = message["payload_encoding"]?.ToString() == "base64" ? Convert.FromBase64String(payload) : Encoding.UTF8.GetBytes(payload);
            await File.WriteAllBytesAsync(file, body, cancellationToken);
        }

        Write(messages, ["routing_key", "exchange", "message_count", "payload_bytes", "redelivered"], 1);
    }

    private async Task ExportAsync(CancellationToken cancellationToken)
    {
        string file = OnlyArgument();
        JsonNode? definitions = await _api.GetAsync(DefinitionsPath(), cancellationToken);
        await File.WriteAllTextAsync(file, JsonText.Of(definitions), cancellationToken);
        Say($"Exported definitions for {_api.Address.Url.Host} to \"{file}\"");
    }

    private async Task ImportAsync(CancellationToken cancellationToken)
    {
        string file = OnlyArgument();
        JsonNode definitions;
        try
        {
            definitions = JsonNode.Parse(await File.ReadAllTextAsync(file, cancellationToken)) ?? new JsonObject();
        }
        catch (JsonException e)
        {
            throw new AdminError($"Could not parse JSON of {file}: {e.Message}");
        }

        await _api.PostAsync(DefinitionsPath(), definitions, cancellationToken);
        Say($"Uploaded definitions from \"{file}\" to {_api.Address.Url.Host}.");
    }

    private string DefinitionsPath()
    {
        string path = _virtualHost is null ? "api/definitions" : ManagementApi.Path("definitions", _virtualHost);
        _onPath(path);
        return path;
    }

    private string OnlyArgument() => _line.Arguments is [string only] ? only : throw new AdminError("Exactly one argument required", isUsage: true);

    private (AdminObject Target, AdminRequest Request) Read(IReadOnlyList<AdminObject> known)
    {
        string kind = _line.Arguments.Count > 0 ? _line.Arguments[0] : throw new AdminError("Type not specified", isUsage: true);
        AdminObject target = known.FirstOrDefault(o => o.Name == kind) ?? throw new AdminError($"Type {kind} not recognised", isUsage: true);
        return (target, Request(target, _line.Arguments.Skip(1)));
    }

    private AdminRequest Request(AdminObject target, IEnumerable<string> arguments)
    {
        var request = AdminRequest.Of(target, arguments, _virtualHost ?? "/");
        _onPath(request.Path);
        return request;
    }

    private void Say(string text)
    {
        if (_isVerbose)
        {
            _streams.Output.Write($"{text}\n");
        }
    }
}
