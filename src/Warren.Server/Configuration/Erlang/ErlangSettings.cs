using System.Globalization;

namespace Warren.Server.Configuration.Erlang;

/// <summary>Collects the settings of one Erlang configuration file.</summary>
internal sealed class ErlangSettings
{
    private readonly List<ConfigSetting> _settings = [];

    public ErlangSettings(string file) => File = file;

    /// <summary>The file, for messages.</summary>
    public string File { get; }

    public IReadOnlyList<ConfigSetting> All => _settings;

    public void Add(string key, string value, ErlangTerm place) =>
        _settings.Add(new ConfigSetting(key, value, string.Create(CultureInfo.InvariantCulture, $"{File}:{place.Line}:{place.Column}")));

    /// <summary>A value whose form says what it is: one value, a list of values, or keys below the key.</summary>
    public void AddPlain(string key, ErlangTerm value)
    {
        if (value.IsScalar)
        {
            Add(key, value.Text, value);
        }
        else if (value.Kind == ErlangTermKind.Tuple)
        {
            AddTuple(key, value);
        }
        else if (value.Items.Count > 0 && value.Items.All(i => i.TryGetPair(out _, out _)))
        {
            AddPairs(key, value, ignored: []);
        }
        else
        {
            AddItems(key, value, ItemText, replaces: value.Items.Count == 0);
        }
    }

    /// <summary>Each <c>{name, value}</c> of a list as a key below the key; bare atoms are switches of Erlang's own.</summary>
    public void AddPairs(string key, ErlangTerm list, ReadOnlySpan<string> ignored)
    {
        foreach (ErlangTerm item in Items(key, list))
        {
            if (item.TryGetPair(out string name, out ErlangTerm value))
            {
                if (!ignored.Contains(name))
                {
                    AddPlain($"{key}.{name}", value);
                }
            }
            else if (item.Kind != ErlangTermKind.Atom)
            {
                throw Expected(item, $"{{name, value}} in {key}");
            }
        }
    }

    /// <summary>Each item of a list under a number.</summary>
    /// <param name="key">What the list is the value of.</param>
    /// <param name="list">The list.</param>
    /// <param name="textOf">The text of an item; null when it cannot be one.</param>
    /// <param name="replaces">Whether the list takes the place of what other files say, instead of adding to it.</param>
    public void AddItems(string key, ErlangTerm list, Func<ErlangTerm, string?> textOf, bool replaces)
    {
        IReadOnlyList<ErlangTerm> items = Items(key, list);
        if (replaces)
        {
            Add(key, "none", list);
        }

        for (int i = 0; i < items.Count; i++)
        {
            string text = textOf(items[i]) ?? throw Expected(items[i], $"a value in {key}");
            Add(string.Create(CultureInfo.InvariantCulture, $"{key}.{i + 1}"), text, items[i]);
        }
    }

    /// <summary>What a list holds.</summary>
    /// <exception cref="ConfigurationError">It is no list.</exception>
    public IReadOnlyList<ErlangTerm> Items(string key, ErlangTerm list) =>
        list.Kind == ErlangTermKind.List ? list.Items : throw Expected(list, $"a list for {key}");

    public ConfigurationError Expected(ErlangTerm found, string what) =>
        ErlangConfigFile.At(File, found, $"expected {what}, found {found}");

    // {ldap, internal} is one item of two words.
    private static string? ItemText(ErlangTerm item) => item switch
    {
        { IsScalar: true } => item.Text,
        { Kind: ErlangTermKind.Tuple } when item.Items.All(i => i.IsScalar) => string.Join(',', item.Items.Select(i => i.Text)),
        _ => null,
    };

    // {absolute, 1000} is a key below the key; {"127.0.0.1", 5672} is not.
    private void AddTuple(string key, ErlangTerm value)
    {
        if (!value.TryGetPair(out string name, out ErlangTerm inner))
        {
            throw Expected(value, $"a value for {key}");
        }

        AddPlain($"{key}.{name}", inner);
    }
}
