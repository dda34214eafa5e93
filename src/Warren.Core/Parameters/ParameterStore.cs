using System.Collections.Concurrent;
using System.Text.Json;
using Warren.Storage.Metadata;

namespace Warren.Core.Parameters;

/// <summary>Runtime parameters, kept in the metadata store and read from memory.</summary>
/// <remarks>Thread-safe: reading takes no lock, changes come one at a time and are durable when they return.</remarks>
public sealed class ParameterStore
{
    private const string Prefix = "parameters/";
    private const string GlobalPrefix = "global-parameters/";

    private readonly IMetadataStore _store;
    private readonly Lock _writer = new();
    private readonly ConcurrentDictionary<(string VirtualHost, string Component, string Name), Parameter> _parameters = new();
    private readonly ConcurrentDictionary<string, GlobalParameter> _globals = new(StringComparer.Ordinal);

    /// <summary>Loads what is stored.</summary>
    /// <exception cref="InvalidDataException">A stored parameter is damaged.</exception>
    public ParameterStore(IMetadataStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        foreach (MetadataEntry entry in store.List(Prefix))
        {
            string[] names = [.. entry.Key[Prefix.Length..].Split('/').Select(Uri.UnescapeDataString)];
            _parameters[(names[0], names[1], names[2])] = new Parameter(names[0], names[1], names[2], Read(entry));
        }

        foreach (MetadataEntry entry in store.List(GlobalPrefix))
        {
            string name = Uri.UnescapeDataString(entry.Key[GlobalPrefix.Length..]);
            _globals[name] = new GlobalParameter(name, Read(entry));
        }
    }

    /// <summary>A parameter came, changed (its new value) or went (null); called by the writer, in order.</summary>
    public event Action<string, string, string, Parameter?>? Changed;

    /// <summary>A global parameter came or changed (its new value) or went (null); called by the writer, in order.</summary>
    public event Action<string, JsonElement?>? GlobalChanged;

    /// <summary>The parameters at this moment.</summary>
    public ICollection<Parameter> All => _parameters.Values;

    /// <summary>The global parameters at this moment.</summary>
    public ICollection<GlobalParameter> Globals => _globals.Values;

    /// <summary>The parameter of that name, if there is one.</summary>
    public Parameter? Find(string virtualHost, string component, string name) =>
        _parameters.GetValueOrDefault((virtualHost, component, name));

    /// <summary>The global parameter of that name, if there is one.</summary>
    public GlobalParameter? FindGlobal(string name) => _globals.GetValueOrDefault(name);

    /// <summary>Adds or replaces a parameter.</summary>
    /// <returns>True when there was none of that name.</returns>
    /// <exception cref="IOException">It could not be stored; nothing has changed.</exception>
    public bool Put(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        (string, string, string) key = (parameter.VirtualHost, parameter.Component, parameter.Name);
        lock (_writer)
        {
            bool created = !_parameters.ContainsKey(key);
            _store.Put(KeyOf(parameter.VirtualHost, parameter.Component, parameter.Name), Bytes(parameter.Value));
            _parameters[key] = parameter;
            Changed?.Invoke(parameter.VirtualHost, parameter.Component, parameter.Name, parameter);
            return created;
        }
    }

    /// <summary>Removes a parameter.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(string virtualHost, string component, string name)
    {
        lock (_writer)
        {
            if (!_parameters.ContainsKey((virtualHost, component, name)))
            {
                return false;
            }

            _store.Delete(KeyOf(virtualHost, component, name));
            _parameters.TryRemove((virtualHost, component, name), out _);
            Changed?.Invoke(virtualHost, component, name, null);
            return true;
        }
    }

    /// <summary>Adds or replaces a global parameter.</summary>
    /// <returns>True when there was none of that name.</returns>
    /// <exception cref="IOException">It could not be stored; nothing has changed.</exception>
    public bool PutGlobal(GlobalParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        lock (_writer)
        {
            bool created = !_globals.ContainsKey(parameter.Name);
            _store.Put(GlobalPrefix + Uri.EscapeDataString(parameter.Name), Bytes(parameter.Value));
            _globals[parameter.Name] = parameter;
            GlobalChanged?.Invoke(parameter.Name, parameter.Value);
            return created;
        }
    }

    /// <summary>Removes a global parameter.</summary>
    /// <returns>False when there was none.</returns>
    public bool RemoveGlobal(string name)
    {
        lock (_writer)
        {
            if (!_globals.ContainsKey(name))
            {
                return false;
            }

            _store.Delete(GlobalPrefix + Uri.EscapeDataString(name));
            _globals.TryRemove(name, out _);
            GlobalChanged?.Invoke(name, null);
            return true;
        }
    }

    /// <summary>Removes the parameters of a virtual host that is going away.</summary>
    internal void RemoveVirtualHost(string virtualHost)
    {
        foreach (Parameter parameter in All)
        {
            if (string.Equals(parameter.VirtualHost, virtualHost, StringComparison.Ordinal))
            {
                Remove(virtualHost, parameter.Component, parameter.Name);
            }
        }
    }

    private static JsonElement Read(MetadataEntry entry)
    {
        try
        {
            using JsonDocument stored = JsonDocument.Parse(entry.Value);
            return stored.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the stored parameter '{entry.Key}' cannot be read", e);
        }
    }

    private static byte[] Bytes(JsonElement value) => System.Text.Encoding.UTF8.GetBytes(value.GetRawText());

    private static string KeyOf(string virtualHost, string component, string name) =>
        $"{Prefix}{Uri.EscapeDataString(virtualHost)}/{Uri.EscapeDataString(component)}/{Uri.EscapeDataString(name)}";
}
