namespace Warren.Server.Configuration.Erlang;

/// <summary>
/// The log of rabbitmq.config: <c>{log, [{file, [{file, "a.log"}, {level, info}]}, {console, [{enabled, true}]},
/// {categories, [{connection, [{level, info}]}]}]}</c>, and the older <c>{log_levels, [{connection, info}]}</c>.
/// </summary>
internal static class ErlangLogKeys
{
    public static void Read(ErlangSettings settings, string key, ErlangTerm value)
    {
        foreach (ErlangTerm item in settings.Items(key, value))
        {
            if (!item.TryGetPair(out string name, out ErlangTerm inner))
            {
                throw settings.Expected(item, $"{{name, value}} in {key}");
            }

            if (key == "log_levels")
            {
                settings.AddPlain($"log.{name}.level", inner);
            }
            else if (name == "categories")
            {
                ReadCategories(settings, inner);
            }
            else if (inner.Kind == ErlangTermKind.List)
            {
                ReadOutput(settings, name, inner);
            }
            else
            {
                settings.AddPlain($"log.{name}", inner);
            }
        }
    }

    private static void ReadCategories(ErlangSettings settings, ErlangTerm list)
    {
        foreach (ErlangTerm item in settings.Items("log.categories", list))
        {
            if (!item.TryGetPair(out string category, out ErlangTerm inner))
            {
                throw settings.Expected(item, "{category, [{level, info}]}");
            }

            settings.AddPairs($"log.{category}", inner, []);
        }
    }

    // What is the switch or the name of the output stands without a further word in rabbitmq.conf: log.console, log.file.
    private static void ReadOutput(ErlangSettings settings, string output, ErlangTerm list)
    {
        foreach (ErlangTerm item in list.Items)
        {
            if (!item.TryGetPair(out string name, out ErlangTerm value))
            {
                throw settings.Expected(item, $"{{name, value}} in log.{output}");
            }

            string key = name switch
            {
                "enabled" or "file" => $"log.{output}",
                "date" or "size" or "count" => $"log.{output}.rotation.{name}",
                _ => $"log.{output}.{name}",
            };
            settings.AddPlain(key, value);
        }
    }
}
