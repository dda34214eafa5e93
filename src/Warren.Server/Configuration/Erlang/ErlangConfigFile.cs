using System.Globalization;

namespace Warren.Server.Configuration.Erlang;

/// <summary>
/// Reads RabbitMQ's other form of configuration, <c>rabbitmq.config</c> and <c>advanced.config</c>, into the settings
/// rabbitmq.conf would have: <c>[{rabbit, [{heartbeat, 30}]}].</c> is <c>heartbeat = 30</c>.
/// </summary>
public static class ErlangConfigFile
{
    /// <summary>Whether a file is of this form, by its name.</summary>
    public static bool IsErlang(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith(".config", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationError">It cannot be read, or makes no sense; one line with file, line and column.</exception>
    public static IReadOnlyList<ConfigSetting> Read(string path) => Parse(ConfigFile.ReadText(path), path);

    /// <summary>Reads text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="ConfigurationError">It makes no sense; one line with file, line and column.</exception>
    public static IReadOnlyList<ConfigSetting> Parse(string text, string name)
    {
        ErlangTerm top = ErlangTermReader.Read(text, name);
        if (top.Kind != ErlangTermKind.List)
        {
            throw At(name, top, $"expected a list of applications, such as [{{rabbit, []}}], found {top}");
        }

        var settings = new ErlangSettings(name);
        foreach (ErlangTerm application in top.Items)
        {
            if (!application.TryGetPair(out string title, out ErlangTerm keys) || keys.Kind != ErlangTermKind.List)
            {
                throw At(name, application, $"expected {{application, [{{key, value}}]}}, found {application}");
            }

            if (ErlangApplications.TryGetPrefix(title, out string prefix))
            {
                ReadApplication(settings, title, prefix, keys);
            }
            else if (ErlangApplications.IsForeign(title))
            {
                settings.Add(InertKeys.ForeignApplication + title, "", application);
            }
            else
            {
                string guess = ErlangApplications.Nearest(title) is { } nearest ? $", did you mean {nearest}?" : "";
                throw At(name, application, $"unknown application {title}{guess}");
            }
        }

        return settings.All;
    }

    internal static ConfigurationError At(string file, ErlangTerm term, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{file}:{term.Line}:{term.Column}: {message}"));

    private static void ReadApplication(ErlangSettings settings, string application, string prefix, ErlangTerm keys)
    {
        foreach (ErlangTerm item in keys.Items)
        {
            if (!item.TryGetPair(out string key, out ErlangTerm value))
            {
                throw At(settings.File, item, $"expected {{key, value}} in {application}, found {item}");
            }

            if (!ErlangKeys.TryRead(settings, prefix, key, value))
            {
                settings.AddPlain(prefix + key, value);
            }
        }
    }
}
