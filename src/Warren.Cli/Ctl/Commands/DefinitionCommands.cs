using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Definitions written to a file and read from one.</summary>
internal static class DefinitionCommands
{
    private static readonly CtlOption FileFormat = new("format", null, "json|erlang");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("export_definitions", "<file>|-", 1, 1, "Exports definitions in JSON", ExportAsync) { Options = [FileFormat] },
        new("import_definitions", "[<file>]", 0, 1, "Imports definitions from a file or standard input", ImportAsync)
        {
            Options = [FileFormat, new CtlOption("skip-if-unchanged")],
            TimeoutSeconds = 0,
        },
        new("set_cluster_name", "<name>", 1, 1, "Sets the cluster name", SetClusterNameAsync),
    ];

    private static async Task ExportAsync(CtlSession session, CancellationToken cancellationToken)
    {
        RefuseErlang(session);
        string file = session.Arguments[0];
        if (file == "-")
        {
            session.Write($"{JsonText.Of(await session.Api.GetAsync("api/definitions", cancellationToken))}\n");
            return;
        }

        session.Banner($"Exporting definitions in JSON to a file at \"{file}\" ...");
        JsonNode? definitions = await ProgressBar.ShowAsync(
            session, "Exporting definitions", () => session.Api.GetAsync("api/definitions", cancellationToken));
        string text = JsonText.Of(definitions, indented: true);
        try
        {
            await File.WriteAllTextAsync(file, text + "\n", cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtlError(CtlExit.CannotCreate, $"cannot write {file}: {e.Message}");
        }

        session.Done();
    }

    private static async Task ImportAsync(CtlSession session, CancellationToken cancellationToken)
    {
        RefuseErlang(session);
        string? file = session.Arguments.Count > 0 && session.Arguments[0] != "-" ? session.Arguments[0] : null;
        session.Banner(file is null
            ? "Importing definitions in JSON from standard input ..."
            : $"Importing definitions in JSON from a file at \"{file}\" ...");
        JsonObject definitions = await ReadAsync(session, file, cancellationToken);
        await ProgressBar.ShowAsync(
            session, "Importing definitions", () => session.Api.PostAsync("api/definitions", definitions, cancellationToken));
        session.Done("Definitions were imported.");
    }

    private static async Task SetClusterNameAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Setting cluster name to {session.Arguments[0]} ...");
        await session.Api.PutAsync("api/cluster-name", new JsonObject { ["name"] = session.Arguments[0] }, cancellationToken);
        session.Done();
    }

    private static async Task<JsonObject> ReadAsync(CtlSession session, string? file, CancellationToken cancellationToken)
    {
        try
        {
            string text = file is null
                ? await session.Streams.Input.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(file, cancellationToken);
            return JsonNode.Parse(text) as JsonObject ?? throw new CtlError(CtlExit.BadArgument, "definitions are a JSON object");
        }
        catch (JsonException e)
        {
            throw new CtlError(CtlExit.BadArgument, $"the definitions are no JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtlError(CtlExit.BadArgument, $"cannot read the definitions: {e.Message}");
        }
    }

    private static void RefuseErlang(CtlSession session)
    {
        if (session.Line.Value(FileFormat) is { } format && !format.Equals("json", StringComparison.OrdinalIgnoreCase))
        {
            throw CtlError.Usage($"definitions have the format json only, not {format}");
        }
    }
}
