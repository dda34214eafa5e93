using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Warren.Core;

/// <summary>Writers of stored JSON, made at compile time.</summary>
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class JsonRecords : JsonSerializerContext;
