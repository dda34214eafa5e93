using System.Globalization;
using System.Net;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Commands;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Admin;

/// <summary>rabbitmqadmin of RabbitMQ 3.x: <c>verb object key=value …</c>; every error is <c>*** text</c> and exit code 1.</summary>
internal sealed class AdminProgram
{
    private const string Hint = "\n\nrabbitmqadmin --help for help\n";

    private const string Usage = """
        Usage: rabbitmqadmin [options] subcommand

          list <objects> [<column> ...]     show overview [<column> ...]
          declare <object> key=value ...    delete <object> key=value ...
          close connection name=...         purge queue name=...
          publish routing_key=... [payload=... exchange=... properties=... payload_encoding=...]
          get queue=... [count=... ackmode=... payload_file=... encoding=...]
          export <file>                     import <file>

        """;

    private readonly CtlStreams _streams;
    private readonly Func<ApiAddress, ParsedLine, HttpMessageHandler> _transport;

    /// <param name="streams">Where text comes from and goes to.</param>
    /// <param name="transport">Carries requests to an address.</param>
    public AdminProgram(CtlStreams streams, Func<ApiAddress, ParsedLine, HttpMessageHandler> transport)
    {
        _streams = streams;
        _transport = transport;
    }

    /// <summary>Runs one command line.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        string path = "";
        try
        {
            ParsedLine line = AdminOptions.Parse(words);
            if (line.Has(AdminOptions.Version))
            {
                await _streams.Output.WriteAsync($"rabbitmqadmin {MetaCommands.RabbitVersion}\n");
                return CtlExit.Ok;
            }

            if (line.Has(AdminOptions.Help) || line.Word is "help")
            {
                await _streams.Output.WriteAsync(Usage);
                Objects("declare", AdminObjects.Declarable);
                Objects("delete", AdminObjects.Deletable);
                return CtlExit.Ok;
            }

            IReadOnlyDictionary<string, string> configured =
                AdminConfiguration.Read(line.Value(AdminOptions.Config), line.Value(AdminOptions.Section));
            ApiAddress address = AddressOf(line, configured);
            using var api = new ManagementApi(address, _transport(address, ForTransport(line)), TimeoutOf(line));
            string? host = line.Value(AdminOptions.VirtualHost) ?? configured.GetValueOrDefault("vhost");
            var verbs = new AdminVerbs(api, line, host, _streams, p => path = p);
            await verbs.RunAsync(cancellationToken);
            return CtlExit.Ok;
        }
        catch (AdminError e)
        {
            return Fail(e.IsUsage ? $"\nERROR: {e.Message}{Hint}" : $"*** {e.Message}\n");
        }
        catch (CtlError e)
        {
            return Fail($"*** Could not connect: {e.Message}\n");
        }
        catch (ApiError e)
        {
            return Fail(e.Status switch
            {
                HttpStatusCode.Unauthorized => $"*** Access refused: /{path}\n",
                HttpStatusCode.NotFound => $"*** Not found: /{path}\n",
                _ => $"*** {e.Message}\n",
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"*** {e.Message}\n");
        }
    }

    // The options win over the file, the file over what is usual.
    private static ApiAddress AddressOf(ParsedLine line, IReadOnlyDictionary<string, string> configured)
    {
        string? user = line.Value(AdminOptions.User) ?? configured.GetValueOrDefault("username");
        string? password = line.Value(AdminOptions.Password) ?? configured.GetValueOrDefault("password");
        if (line.Value(AdminOptions.BaseUri) is { } uri)
        {
            return ApiAddress.Parse(uri, user, password);
        }

        bool isTls = line.Has(AdminOptions.Ssl) || configured.GetValueOrDefault("ssl") is "True" or "true";
        string host = line.Value(AdminOptions.Host) ?? configured.GetValueOrDefault("hostname") ?? "localhost";
        string port = line.Value(AdminOptions.Port) ?? configured.GetValueOrDefault("port")
            ?? ApiAddress.DefaultPort.ToString(CultureInfo.InvariantCulture);
        string prefix = line.Value(AdminOptions.PathPrefix) ?? configured.GetValueOrDefault("path_prefix") ?? "";
        return ApiAddress.Parse($"{(isTls ? "https" : "http")}://{host}:{port}{prefix}", user, password);
    }

    // The transport knows the names of warren's own options.
    private static ParsedLine ForTransport(ParsedLine line)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        if (line.Has(AdminOptions.Insecure))
        {
            options[GlobalOptions.Insecure.Name] = "true";
        }

        if (line.Value(AdminOptions.CaCertificate) is { } file)
        {
            options[GlobalOptions.CaCertificate.Name] = file;
        }

        return line with { Options = options };
    }

    private static TimeSpan TimeoutOf(ParsedLine line) =>
        TimeSpan.FromSeconds(line.Number(AdminOptions.Timeout) is { } seconds and > 0 ? seconds : 120);

    private void Objects(string verb, IReadOnlyList<AdminObject> objects)
    {
        foreach (AdminObject target in objects)
        {
            IEnumerable<string> arguments = [.. target.Mandatory.Select(m => $"{m}=..."), .. target.Optional.Select(o => $"[{o.Name}=...]")];
            _streams.Output.Write($"  {verb} {target.Name} {string.Join(' ', arguments)}\n");
        }
    }

    private int Fail(string text)
    {
        _streams.Output.Flush();
        _streams.Error.Write(text);
        return CtlExit.AnyError;
    }
}
