using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Warren.Buffers.Options;
using Warren.Protocols.Amqp091;
using Warren.Transport.Tls;

namespace Warren.Server.Configuration;

/// <summary>One property that carries a <see cref="ConfigKeyAttribute"/>, on the options being filled.</summary>
internal sealed class Option
{
    private readonly object _owner;
    private readonly PropertyInfo _property;
    private readonly ConfigKeyAttribute _attribute;
    private readonly string? _prefix; // of keys with one free word, up to and with the dot before it
    private readonly string _suffix = "";
    private readonly SortedDictionary<string, object> _items = new(ItemNames.Order);
    private readonly Dictionary<string, string> _itemOrigins = new(StringComparer.Ordinal);
    private string? _origin; // of the last setting; of a collection, of its last "none"
    private bool _replacesDefault;

    public Option(object owner, PropertyInfo property, ConfigKeyAttribute attribute)
    {
        _owner = owner;
        _property = property;
        _attribute = attribute;
        int free = attribute.Key.IndexOf('$', StringComparison.Ordinal);
        if (free >= 0)
        {
            int end = attribute.Key.IndexOf('.', free);
            _prefix = attribute.Key[..free];
            _suffix = end < 0 ? "" : attribute.Key[end..];
        }
    }

    /// <summary>The key as documented, a free word as <c>$name</c>.</summary>
    public string Key => _attribute.Key;

    /// <summary>Whether the value is not for everybody's eyes.</summary>
    public bool IsSecret => _attribute.Secret;

    /// <summary>Whether the key is this option's.</summary>
    public bool Matches(string key) =>
        _prefix is null
            ? key.Equals(Key, StringComparison.Ordinal) || _attribute.Aliases.Contains(key, StringComparer.Ordinal)
            : IsWholeCollection(key) || FreeWord(key).Length > 0;

    /// <summary>Sets the property; returns null, or what the value should have looked like.</summary>
    public string? Apply(in ConfigSetting setting)
    {
        (string key, string text, string origin, _) = setting;
        Type type = _property.PropertyType;
        if (_prefix is null)
        {
            if (!OptionText.TryParse(text, type, _attribute, out object? value, out string expected))
            {
                return expected;
            }

            _property.SetValue(_owner, value);
            _origin = origin;
            return null;
        }

        if (IsWholeCollection(key))
        {
            _origin = origin;
            return ApplyNone(text);
        }

        string word = FreeWord(key);
        _itemOrigins[word] = origin;
        return type switch
        {
            _ when type == typeof(IReadOnlyList<IPEndPoint>) => ApplyItem<IPEndPoint>(word, text),
            _ when type == typeof(IReadOnlyDictionary<string, LogLevel>) => ApplyItem<LogLevel>(word, text),
            _ when type == typeof(IReadOnlyList<string>) => ApplyItem<string>(word, text),
            _ when type == typeof(IReadOnlyList<TlsVersion>) => ApplyItem<TlsVersion>(word, text),
            _ when type == typeof(IReadOnlyList<SaslMechanism>) => ApplyItem<SaslMechanism>(word, text),
            _ when type == typeof(IReadOnlyList<TlsCipherSuite>) => ApplyItem<TlsCipherSuite>(word, text),
            _ => ApplyName(word, text),
        };
    }

    /// <summary>The value as it would be written in a file; a collection is one line an item.</summary>
    public IEnumerable<EffectiveSetting> Describe()
    {
        object? value = _property.GetValue(_owner);
        if (_prefix is null)
        {
            yield return Effective(Key, OptionText.Format(value), _origin);
            yield break;
        }

        int number = 0;
        foreach ((string word, object item) in Items(value))
        {
            number++;
            string key = _prefix + word + _suffix;
            yield return Effective(key, OptionText.Format(item is string ? true : item), _itemOrigins.GetValueOrDefault(word));
        }

        if (number == 0 && _suffix.Length == 0)
        {
            yield return Effective(_prefix.TrimEnd('.'), "none", _origin);
        }
    }

    private EffectiveSetting Effective(string key, string? text, string? origin) =>
        new(key, text, origin ?? EffectiveSetting.Default, _attribute.Secret, _attribute.Reloads);

    // What was set is under the words it was set with; a default is numbered.
    private IEnumerable<(string Word, object Item)> Items(object? value)
    {
        if (_replacesDefault || _items.Count > 0)
        {
            return _items.Select(i => (i.Key, i.Value));
        }

        return value switch
        {
            IReadOnlyDictionary<string, LogLevel> levels => levels.Select(l => (l.Key, (object)l.Value)),
            IReadOnlyCollection<string> names => names.Select(n => (n, (object)n)),
            System.Collections.IEnumerable items => items.Cast<object>().Select((item, i) => ((i + 1).ToString(CultureInfo.InvariantCulture), item)),
            _ => [],
        };
    }

    // "listeners.tcp" for "listeners.tcp.$name"; a dictionary has no such key.
    private bool IsWholeCollection(string key) =>
        _suffix.Length == 0 && key.Length == _prefix!.Length - 1 && _prefix.StartsWith(key, StringComparison.Ordinal);

    private string FreeWord(string key)
    {
        bool fits = key.Length > _prefix!.Length + _suffix.Length
            && key.StartsWith(_prefix, StringComparison.Ordinal)
            && key.EndsWith(_suffix, StringComparison.Ordinal);
        string word = fits ? key[_prefix.Length..^_suffix.Length] : "";
        return _suffix.Length > 0 && word.Contains('.', StringComparison.Ordinal) ? "" : word;
    }

    private string? ApplyNone(string text)
    {
        if (!text.Equals("none", StringComparison.Ordinal))
        {
            return $"none, or a key of the form {Key}";
        }

        _replacesDefault = true;
        _items.Clear();
        Store();
        return null;
    }

    // The first item replaces the default; then items add up, in the order of their names.
    private string? ApplyItem<T>(string word, string text)
    {
        if (!OptionText.TryParse(text, typeof(T), _attribute, out object? value, out string expected))
        {
            return expected;
        }

        _items[word] = value!;
        Store();
        return null;
    }

    // Names are switched on and off one by one, beginning with the default.
    private string? ApplyName(string word, string text)
    {
        if (!OptionText.TryParse(text, typeof(bool), _attribute, out object? value, out string expected))
        {
            return expected;
        }

        if (!_replacesDefault)
        {
            _replacesDefault = true;
            foreach (string name in (IReadOnlyCollection<string>)_property.GetValue(_owner)!)
            {
                _items[name] = name;
            }
        }

        if ((bool)value!)
        {
            _items[word] = word;
        }
        else
        {
            _items.Remove(word);
        }

        Store();
        return null;
    }

    private void Store()
    {
        Type type = _property.PropertyType;
        object value = type switch
        {
            _ when type == typeof(IReadOnlyList<IPEndPoint>) => _items.Values.Cast<IPEndPoint>().ToArray(),
            _ when type == typeof(IReadOnlyDictionary<string, LogLevel>) =>
                _items.ToDictionary(i => i.Key, i => (LogLevel)i.Value, StringComparer.Ordinal),
            _ when type == typeof(IReadOnlyList<string>) => _items.Values.Cast<string>().ToArray(),
            _ when type == typeof(IReadOnlyList<TlsVersion>) => _items.Values.Cast<TlsVersion>().ToArray(),
            _ when type == typeof(IReadOnlyList<SaslMechanism>) => _items.Values.Cast<SaslMechanism>().ToArray(),
            _ when type == typeof(IReadOnlyList<TlsCipherSuite>) => _items.Values.Cast<TlsCipherSuite>().ToArray(),
            _ => _items.Keys.ToArray(),
        };
        _property.SetValue(_owner, value);
    }
}
